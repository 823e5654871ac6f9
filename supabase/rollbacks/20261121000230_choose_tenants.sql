-- Rolls back 20261121000230_choose_tenants. No data is lost: users.is_default stays.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function public.choose_tenant(uuid);
drop function private.choose_tenant(uuid);
drop function public.list_my_tenants();
drop function private.list_my_tenants();
