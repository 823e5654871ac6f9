-- The last owner: an active tenant cannot lose its last owner who can sign in. This also holds for the
-- service role, and for changes at the same time.
--
-- Locks: share row exclusive on users for the triggers, for milliseconds.

set local lock_timeout = '5s';

create function private.keep_an_owner()
returns trigger
language plpgsql
-- Definer: the caller may lack rights on the tenant and on other memberships.
security definer
set search_path = ''
as $$
begin
    -- An account can always be deleted. The tenant then waits for the backend.
    if old.auth_id::text = current_setting('private.deleted_account', true) then
        return null;
    end if;
    -- Two owners who leave at the same time wait for each other here, so that the second sees that
    -- the first is gone. An inactive tenant needs no owner, and a deleted one is not found.
    perform from public.tenants t where t.id = old.tenant_id and t.is_active for no key update;
    if not found then
        return null;
    end if;
    -- Such an isolation level hides changes that others committed while this transaction waited.
    if current_setting('transaction_isolation') in ('repeatable read', 'serializable') then
        raise exception 'cannot take an owner from a tenant in a % transaction',
            current_setting('transaction_isolation')
            using errcode = 'active_sql_transaction', hint = 'Use read committed.';
    end if;
    if not exists (
        select
        from public.users u
        where
            u.tenant_id = old.tenant_id
            and u.role = 'owner'
            and u.is_active
            and u.auth_id is not null
    ) then
        raise exception 'the tenant would have no owner who can sign in'
            using
                errcode = 'object_not_in_prerequisite_state',
                hint = 'Transfer the ownership first, or deactivate the tenant.';
    end if;
    return null;
end
$$;

comment on function private.keep_an_owner() is
    'Trigger function: refuses with 55000 a change after which an active tenant has no owner who can '
    'sign in. Deleting the account of an owner is allowed. Fails with 25001 in a repeatable read '
    'or serializable transaction.';

revoke execute on function private.keep_an_owner() from public, anon, authenticated;

create trigger trigger_users_keep_owner
    after update of tenant_id, auth_id, role, is_active on public.users
    for each row when (
        old.role = 'owner' and old.is_active and old.auth_id is not null
        and not (
            new.role = 'owner' and new.is_active and new.auth_id is not null
            and new.tenant_id = old.tenant_id
        )
    )
    execute function private.keep_an_owner();

create trigger trigger_users_keep_owner_on_delete
    after delete on public.users
    for each row when (old.role = 'owner' and old.is_active and old.auth_id is not null)
    execute function private.keep_an_owner();
