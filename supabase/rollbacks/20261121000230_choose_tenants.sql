-- Rolls back 20261121000230_choose_tenants. No data is lost: users.is_default stays.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function public.choose_tenant(uuid);
drop function private.choose_tenant_of_caller(uuid);
drop function public.list_my_tenants();
drop function private.tenants_of_caller();
