-- Rolls back 20261121000280_create_invitations. Deletes all invitations; members stay.
--
-- Locks: access exclusive on users and tenants, until the end of the transaction.

set local lock_timeout = '5s';

drop function public.decline_invitation(text);
drop function public.accept_invitation(text);
drop function public.preview_invitation(text);
drop function public.revoke_invitation(uuid);
drop function public.resend_invitation(uuid);
drop function public.create_invitation(text, text, interval, integer);

drop function private.decline_invitation(text);
drop function private.accept_invitation(text);
drop function private.preview_invitation(text);
drop function private.revoke_invitation(uuid);
drop function private.resend_invitation(uuid);
drop function private.find_invitation(private.membership, uuid);
drop function private.create_invitation(text, text, interval, integer);
drop function private.join_tenant(public.invitations);
drop function private.refuse_invitation(public.invitations);
drop function private.membership_in(uuid);
drop function private.invitation_of_token(text);
drop function private.lock_tenant_of_token(text);
drop function private.confirmed_address_of_caller();
drop function private.refuse_too_many_invitations(uuid);
drop function private.create_token(uuid, uuid);

drop table private.invitation_tokens;
drop table public.invitations;
