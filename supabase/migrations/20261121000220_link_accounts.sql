-- Linking accounts: a membership without account is linked to the account that confirms its
-- address, whether the membership or the account comes first.
--
-- Locks: share row exclusive on users and auth.users for the triggers, for milliseconds. Sign-ups
-- wait that long.

set local lock_timeout = '5s';

create function private.link_membership(p_account_id uuid, p_email text)
returns void
language plpgsql
volatile
-- Definer: neither the auth service nor the caller who invites may update memberships.
security definer
set search_path = ''
as $$
begin
    -- An account has at most one membership. When several wait for its address, it gets an active
    -- one of an active tenant before others, and then the oldest.
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
    'Links an account that has no membership to the one that waits for its address. The caller '
    'must have checked that the address belongs to the account.';

revoke execute on function private.link_membership(uuid, text) from public, anon, authenticated;

create function private.link_account_to_membership()
returns trigger
language plpgsql
-- Definer: the auth service has no rights on memberships.
security definer
set search_path = ''
as $$
begin
    perform private.link_membership(new.id, lower(new.email));
    return null;
end
$$;

comment on function private.link_account_to_membership() is
    'Trigger function: links an account that has confirmed its address to the membership that '
    'waits for it.';

revoke execute on function private.link_account_to_membership() from public, anon, authenticated;

create function private.link_membership_to_account()
returns trigger
language plpgsql
-- Definer: the caller who invites has no rights on accounts.
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
    'Trigger function: links a new membership to the account that has already confirmed its '
    'address.';

revoke execute on function private.link_membership_to_account() from public, anon, authenticated;

create trigger trigger_users_link_account
    after insert or update of email on public.users
    for each row when (new.auth_id is null)
    execute function private.link_membership_to_account();

-- Skip accounts of single sign-on: their provider could claim any address.
create trigger trigger_auth_users_link_membership
    after insert or update of email, email_confirmed_at on auth.users
    for each row when (new.email_confirmed_at is not null and not new.is_sso_user)
    execute function private.link_account_to_membership();
