-- Linking accounts: a membership that waits for an address is linked to the account that confirms it,
-- whichever of the two comes first.
--
-- Locks: share row exclusive on users and auth.users for the triggers, for milliseconds; sign-ups wait
-- that long.

set local lock_timeout = '5s';

create function private.link_membership(p_account_id uuid, p_email text)
returns void
language plpgsql
volatile
-- Definer: called for the auth service and for whoever invites, who have no such rights.
security definer
set search_path = ''
as $$
begin
    -- An account has one membership. Invited by several tenants, it gets the oldest invitation of
    -- those that let it in.
    update public.users u
    set auth_id = p_account_id
    from (
        select i.id, i.tenant_id
        from public.users i
        where i.email = p_email and i.auth_id is null
        order by (i.is_active and i.tenant_is_active) desc, i.created_at, i.id
        limit 1
    ) invitation
    where
        u.id = invitation.id
        and u.tenant_id = invitation.tenant_id
        and u.auth_id is null
        and not exists (select from public.users l where l.auth_id = p_account_id);
end
$$;

comment on function private.link_membership(uuid, text) is
    'Gives an account without a membership the one that waits for its address. That the address is '
    'the account''s is for the caller to know.';

revoke execute on function private.link_membership(uuid, text) from public, anon, authenticated;

create function private.link_account_to_membership()
returns trigger
language plpgsql
-- Definer: the auth service has no rights here.
security definer
set search_path = ''
as $$
begin
    perform private.link_membership(new.id, lower(new.email));
    return null;
end
$$;

comment on function private.link_account_to_membership() is
    'Trigger function: an account that has confirmed its address gets the membership that waits '
    'for it.';

revoke execute on function private.link_account_to_membership() from public, anon, authenticated;

create function private.link_membership_to_account()
returns trigger
language plpgsql
-- Definer: whoever invites has no rights on accounts.
security definer
set search_path = ''
as $$
begin
    perform private.link_membership(a.id, new.email)
    from auth.users a
    where a.email = new.email and a.email_confirmed_at is not null and not a.is_sso_user;
    return null;
end
$$;

comment on function private.link_membership_to_account() is
    'Trigger function: an invitation finds the account that has confirmed its address already.';

revoke execute on function private.link_membership_to_account() from public, anon, authenticated;

create trigger trigger_users_link_account
    after insert or update of email on public.users
    for each row when (new.auth_id is null)
    execute function private.link_membership_to_account();

-- Not for single sign-on, where a provider vouches for the address, and could for anybody's.
create trigger trigger_auth_users_link_membership
    after insert or update of email, email_confirmed_at on auth.users
    for each row when (new.email_confirmed_at is not null and not new.is_sso_user)
    execute function private.link_account_to_membership();
