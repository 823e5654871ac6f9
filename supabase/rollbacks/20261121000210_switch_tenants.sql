-- Rolls back 20261121000210_switch_tenants. No data is lost: memberships keep their state.
--
-- Locks: access exclusive on tenants and users, until the end of the transaction.

set local lock_timeout = '5s';

drop trigger trigger_tenants_copy_is_active on public.tenants;
drop trigger trigger_users_refill on public.users;
drop trigger trigger_users_fill on public.users;

drop function private.copy_tenant_is_active();
drop function private.fill_tenant_is_active();
