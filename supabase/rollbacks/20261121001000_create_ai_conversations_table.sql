-- Rolls back 20261121001000_create_ai_conversations_table. Deletes all of its chats.
--
-- Locks: access exclusive on ai_conversations and auth.users, until the end of the
-- transaction, which blocks sign-ins.

set local lock_timeout = '5s';

drop function public.append_to_ai_conversation(text, jsonb, bigint, numeric);

drop table public.ai_conversations;

drop function public.update_updated_at();
