-- Rolls back 20261121000100_create_tenants_table. Deletes all tenants.
--
-- Locks: access exclusive on tenants, until the end of the transaction.

set local lock_timeout = '5s';

drop table private.inactive_tenants;
drop table public.tenants;

drop function private.list_inactive_tenant();
