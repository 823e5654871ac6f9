-- Rolls back 20261121000400_create_messages_table. Deletes all messages.
--
-- Locks: access exclusive on messages and conversations, until the end of the transaction.

set local lock_timeout = '5s';

drop table public.messages;

drop function public.update_conversation_timestamp();
drop function private.fill_message_from_conversation();
drop function private.owns_conversation(uuid, uuid);
