-- Linking accounts: a membership without account is linked to the account that confirms its
-- address, whether the membership or the account comes first. An account has one membership per
-- tenant. Afterwards the addresses of its memberships follow that of the account.
--
-- Locks: share row exclusive on users and auth.users for the triggers, for milliseconds. Sign-ups
-- wait that long.

set local lock_timeout = '5s';

create function private.lock_addresses(p_addresses text[])
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_lock integer;
begin
    -- 256 locks for all addresses, because the server has room for a few thousand locks. In
    -- ascending order, so that two callers never wait for each other.
    for v_lock in
        select distinct hashtext(a.address) & 255
        from unnest(p_addresses) a (address)
        order by 1
    loop
        perform pg_advisory_xact_lock('public.users'::regclass::oid::integer, v_lock);
    end loop;
end
$$;

comment on function private.lock_addresses(text[]) is
    'Makes transactions that link the same email address wait for each other until they end. '
    'Without it, a membership and an account that are created at the same time would not see each '
    'other, and stay unlinked.';

create function private.link_memberships(p_account_id uuid, p_email text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    -- Clear is_default, because an account can have only one default, and may have one already.
    -- A membership that the account gets beside another counts as new, so that requests without a
    -- header keep their tenant.
    update public.users u
    set
        auth_id = p_account_id,
        former_auth_id = null,
        is_default = false,
        created_at = case
            when exists (
                select from public.users o where o.auth_id = p_account_id and o.is_active
            ) then now()
            else u.created_at
        end
    where
        u.email = p_email
        and u.auth_id is null
        and u.left_at is null
        and not exists (
            select from public.users l
            where l.auth_id = p_account_id and l.tenant_id = u.tenant_id
        );
end
$$;

comment on function private.link_memberships(uuid, text) is
    'Links an account to the memberships that wait for its address, except in tenants where it has '
    'one. Former members come back through an invitation. The caller must have locked the address, and checked that it belongs to the account.';

create function private.link_address(p_email text)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    perform private.link_memberships(a.id, p_email)
    from auth.users a
    where
        a.id in (
            select b.id from auth.users b where b.email = p_email
            union all
            -- In lower case, and indexed: finds accounts whose address contains capitals.
            select i.user_id from auth.identities i where i.email = p_email
        )
        and lower(a.email collate "C") = p_email
        and a.email_confirmed_at is not null
        and a.deleted_at is null
        and not a.is_sso_user
    order by a.created_at, a.id;
end
$$;

comment on function private.link_address(text) is
    'If an account has already confirmed this address, links the waiting memberships to it. '
    'The caller must have locked the address.';

create function private.link_new_memberships()
returns trigger
language plpgsql
-- Definer: the caller who invites has no rights on accounts.
security definer
set search_path = ''
as $$
declare
    v_addresses text[] = array(
        select n.email from new_memberships n where n.auth_id is null order by n.created_at, n.id
    );
begin
    perform private.lock_addresses(v_addresses);
    perform private.link_address(a.address) from unnest(v_addresses) a (address);
    return null;
end
$$;

comment on function private.link_new_memberships() is
    'Trigger function: links new memberships to accounts that have already confirmed their '
    'addresses.';

create function private.link_changed_membership()
returns trigger
language plpgsql
-- Definer: the caller who invites has no rights on accounts.
security definer
set search_path = ''
as $$
begin
    perform private.lock_addresses(array[new.email]);
    perform private.link_address(new.email);
    return null;
end
$$;

comment on function private.link_changed_membership() is
    'Trigger function: links a membership with a new address, or one that the service role '
    'restores, to the account that has already confirmed the address.';

create function private.link_account_to_memberships()
returns trigger
language plpgsql
-- Definer: the auth service has no rights on memberships.
security definer
set search_path = ''
as $$
declare
    -- Only ASCII letters, because others could turn into an ASCII letter.
    v_address text = lower(new.email collate "C");
    v_membership record;
begin
    for v_membership in
        select u.id, u.tenant_id
        from public.users u
        where u.auth_id = new.id and u.email <> v_address
        -- The same order as in choose_tenant(), so that the two never wait for each other.
        order by u.id, u.tenant_id
        for no key update
    loop
        begin
            update public.users u
            set email = v_address
            where u.id = v_membership.id and u.tenant_id = v_membership.tenant_id;
        exception
            when unique_violation or check_violation then
                -- Another membership of the tenant has the address, or memberships cannot have it.
                -- A sign-in must not fail because of this: the membership keeps its old address.
                null;
        end;
    end loop;
    -- Lock the old address, too. Another transaction may be linking a membership by it, and
    -- link_memberships() must see that membership.
    perform private.lock_addresses(
        array_remove(array[lower(old.email collate "C"), v_address], null)
    );
    perform private.link_memberships(new.id, v_address);
    return null;
end
$$;

comment on function private.link_account_to_memberships() is
    'Trigger function: writes the confirmed address of an account to its memberships, and links '
    'it to the memberships that wait for the address.';

create function private.unlink_memberships_of_account()
returns trigger
language plpgsql
-- Definer: the auth service has no rights on memberships.
security definer
set search_path = ''
as $$
begin
    -- The same order as in choose_tenant(), so that the two never wait for each other.
    perform
    from public.users u
    where u.auth_id = old.id
    order by u.id, u.tenant_id
    for no key update;
    -- Lets a tenant lose its last owner; see private.keep_an_owner().
    perform set_config('private.deleted_account', old.id::text, true);
    -- Deactivate a membership with another address than its account, because an account that later
    -- confirms that address gets the membership.
    update public.users u
    set
        auth_id = null,
        is_default = false,
        is_active = u.is_active and u.email is not distinct from lower(old.email collate "C")
    where u.auth_id = old.id;
    return old;
end
$$;

comment on function private.unlink_memberships_of_account() is
    'Trigger function: unlinks the memberships of an account that is deleted or soft-deleted. It '
    'also deactivates those with another address than the account.';

revoke execute on function private.lock_addresses(text[]) from public, anon, authenticated;
revoke execute on function private.link_memberships(uuid, text) from public, anon, authenticated;
revoke execute on function private.link_address(text) from public, anon, authenticated;
revoke execute on function private.link_new_memberships() from public, anon, authenticated;
revoke execute on function private.link_changed_membership() from public, anon, authenticated;
revoke execute on function private.link_account_to_memberships() from public, anon, authenticated;
revoke execute on function private.unlink_memberships_of_account() from public, anon, authenticated;

-- Once per statement, because an import must lock its addresses in order.
create trigger trigger_users_link_account
    after insert on public.users
    referencing new table as new_memberships
    for each statement execute function private.link_new_memberships();

create trigger trigger_users_relink_account
    after update of email, left_at on public.users
    for each row when (new.auth_id is null and new.left_at is null)
    execute function private.link_changed_membership();

-- Skip accounts of single sign-on: their provider could claim any address.
create trigger trigger_auth_users_link_membership
    after insert or update of email, email_confirmed_at on auth.users
    for each row when (
        new.email_confirmed_at is not null and new.deleted_at is null and not new.is_sso_user
    )
    execute function private.link_account_to_memberships();

-- A soft-deleted account keeps its row, with a hash in place of its address.
create trigger trigger_auth_users_unlink_soft_deleted
    after update of deleted_at on auth.users
    for each row when (old.deleted_at is null and new.deleted_at is not null)
    execute function private.unlink_memberships_of_account();

-- Before, because the foreign key's trigger clears auth_id after the delete.
create trigger trigger_auth_users_unlink_deleted
    before delete on auth.users
    for each row execute function private.unlink_memberships_of_account();
