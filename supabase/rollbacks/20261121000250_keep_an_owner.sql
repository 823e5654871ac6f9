-- Rolls back 20261121000250_keep_an_owner. No data is lost.
--
-- Locks: access exclusive on users, until the end of the transaction.

set local lock_timeout = '5s';

drop trigger trigger_users_keep_owner_on_delete on public.users;
drop trigger trigger_users_keep_owner on public.users;

drop function private.keep_an_owner();
