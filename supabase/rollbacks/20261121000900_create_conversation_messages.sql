-- Rolls back 20261121000900_create_conversation_messages. Deletes all messages of sessions.
--
-- Locks: access exclusive on conversation_messages, conversation_sessions and auth.users, until the
-- end of the transaction, which blocks sign-ins.

set local lock_timeout = '5s';

drop view public.daily_message_volume;
drop view public.provider_usage_stats;

drop function public.get_session_message_stats(uuid);
drop function public.get_session_cost(uuid);
drop function public.get_conversation_history(uuid, integer);

drop table public.conversation_messages;

drop function public.update_session_on_message();
drop function private.refuse_change_of_finished_session();
drop function private.fill_message_from_session();
