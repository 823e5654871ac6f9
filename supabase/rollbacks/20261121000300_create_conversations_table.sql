-- Rolls back 20261121000300_create_conversations_table. Deletes all conversations.
--
-- Locks: access exclusive on conversations and users, until the end of the transaction.

set local lock_timeout = '5s';

drop table public.conversations;
