-- Rolls back 20261121000000_create_private_schema. No data is lost.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function public.update_updated_at_column();
drop function private.uuid_v7();
drop schema private;
