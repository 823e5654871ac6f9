-- Takes back 20261121001000_create_ai_conversations_table. All of its chats go.
--
-- Locks: access exclusive on ai_conversations and auth.users, until the end of the
-- transaction, while nobody signs in.

set local lock_timeout = '5s';

drop function public.append_to_ai_conversation(text, jsonb, bigint, numeric);

drop table public.ai_conversations;

drop function public.update_updated_at();
