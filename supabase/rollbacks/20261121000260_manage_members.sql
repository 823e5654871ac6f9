-- Rolls back 20261121000260_manage_members. No data is lost.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function public.transfer_ownership(uuid, text);
drop function public.leave_tenant();
drop function public.remove_member(uuid);
drop function public.set_member_active(uuid, boolean);
drop function public.set_member_role(uuid, text);

drop function private.transfer_ownership(uuid, text);
drop function private.leave_tenant();
drop function private.remove_member(uuid);
drop function private.end_membership(private.membership);
drop function private.set_member_active(uuid, boolean);
drop function private.set_member_role(uuid, text);
drop function private.refuse_without_seat(uuid);
drop function private.find_member(private.membership, uuid);
drop function private.lock_tenant_of_caller(text[]);
