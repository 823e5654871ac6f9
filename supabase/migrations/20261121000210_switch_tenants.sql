-- Activating and deactivating a tenant: triggers copy tenants.is_active to its memberships, so that
-- a policy reads one table to identify the caller.
--
-- Locks: share row exclusive on tenants and users for the triggers, for milliseconds.

set local lock_timeout = '5s';

create function private.fill_tenant_is_active()
returns trigger
language plpgsql
-- Definer: otherwise a caller who cannot read the tenant would leave the membership active.
security definer
set search_path = ''
as $$
begin
    select t.is_active
    into new.tenant_is_active
    from public.tenants t
    where t.id = new.tenant_id
    -- The lock makes this insert and a concurrent change of is_active wait for each other.
    for share;
    if not found then
        -- The foreign key then fails and names the unknown tenant.
        new.tenant_is_active = true;
    end if;
    return new;
end
$$;

comment on function private.fill_tenant_is_active() is
    'Trigger function: sets tenant_is_active of a membership to its tenant''s is_active, and '
    'ignores the value that was written.';

revoke execute on function private.fill_tenant_is_active() from public, anon, authenticated;

create function private.copy_tenant_is_active()
returns trigger
language plpgsql
-- Definer: it must update every membership, including those that the caller cannot read.
security definer
set search_path = ''
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'cannot change is_active in a % transaction',
            current_setting('transaction_isolation')
            using
                errcode = 'invalid_transaction_state',
                detail = 'It does not see memberships that were created since it began.',
                hint = 'Use a read committed transaction.';
    end if;
    -- A foreign key with `on update cascade` could do the same. But is_active would then be part of
    -- a key, and changing it would wait for every open insert that refers to the tenant.
    update public.users u
    set tenant_is_active = new.is_active
    where u.tenant_id = new.id and u.tenant_is_active <> new.is_active;
    return null;
end
$$;

comment on function private.copy_tenant_is_active() is
    'Trigger function: copies a changed tenants.is_active to the tenant''s memberships. Fails with '
    '25000 in a transaction that is not read committed.';

revoke execute on function private.copy_tenant_is_active() from public, anon, authenticated;

create trigger trigger_users_fill
    before insert on public.users
    for each row execute function private.fill_tenant_is_active();

-- Fire only when a value changes. Otherwise an update that holds the membership's lock waits for
-- the tenant, while changing the tenant waits for the membership: a deadlock.
create trigger trigger_users_refill
    before update of tenant_id, tenant_is_active on public.users
    for each row when (
        (new.tenant_id, new.tenant_is_active) is distinct from (old.tenant_id, old.tenant_is_active)
    )
    execute function private.fill_tenant_is_active();

create trigger trigger_tenants_copy_is_active
    after update of is_active on public.tenants
    for each row when (new.is_active <> old.is_active)
    execute function private.copy_tenant_is_active();
