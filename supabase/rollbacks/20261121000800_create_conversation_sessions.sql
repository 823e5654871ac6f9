-- Rolls back 20261121000800_create_conversation_sessions. Deletes all sessions.
--
-- Locks: access exclusive on conversation_sessions, brands and auth.users, until the end of the
-- transaction, which blocks sign-ins.

set local lock_timeout = '5s';

drop function public.cancel_conversation_session(uuid);
drop function public.complete_conversation_session(uuid);
drop function private.finish_conversation_session(uuid, text);

drop table public.conversation_sessions;

drop function public.update_session_activity();
drop function private.fill_tenant_from_brand();
