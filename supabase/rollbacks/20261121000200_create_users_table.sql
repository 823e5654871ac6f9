-- Rolls back 20261121000200_create_users_table. Deletes all memberships; accounts stay.
--
-- Locks: access exclusive on users and tenants, until the end of the transaction.

set local lock_timeout = '5s';

revoke all on table public.tenants from authenticated;
drop policy tenants_update_admin on public.tenants;
drop policy tenants_select_member on public.tenants;

drop table public.users;

drop function private.fill_tenant_from_user();
drop function private.is_tenant_admin();
drop function private.current_user_id();
drop function private.current_tenant_id();
drop function private.current_membership();

drop type private.membership;
