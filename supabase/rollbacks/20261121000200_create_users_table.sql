-- Takes back 20261121000200_create_users_table. All memberships go; accounts stay.
--
-- Locks: access exclusive on users, tenants and auth.users, until the end of the transaction, while
-- nobody signs in.

set local lock_timeout = '5s';

revoke all on table public.tenants from authenticated;
drop policy tenants_update_admin on public.tenants;
drop policy tenants_select_member on public.tenants;

drop trigger trigger_tenants_tell_memberships on public.tenants;
drop function private.tell_memberships();

drop table public.users;

-- Takes the trigger on auth.users along, which has another owner, and so is not ours to drop.
drop function private.link_account_to_membership() cascade;
drop function private.link_membership_to_account();
drop function private.link_membership(uuid, text);
drop function private.fill_tenant_is_active();
drop function private.fill_tenant_from_user();
drop function private.is_tenant_admin();
drop function private.current_user_id();
drop function private.current_tenant_id();
