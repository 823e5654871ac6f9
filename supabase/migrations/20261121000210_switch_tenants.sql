-- Switching a tenant on and off: its memberships follow, so that a policy reads one table to know who
-- the caller is.
--
-- Locks: share row exclusive on tenants and users for the triggers, for milliseconds.

set local lock_timeout = '5s';

create function private.fill_tenant_is_active()
returns trigger
language plpgsql
-- Definer: a caller who did not see the tenant would leave its membership active.
security definer
set search_path = ''
as $$
begin
    select t.is_active
    into new.tenant_is_active
    from public.tenants t
    where t.id = new.tenant_id
    -- So that a tenant that is being switched on or off is waited for, and waits for this.
    for share;
    if not found then
        -- Left to the foreign key, which names the unknown tenant.
        new.tenant_is_active = true;
    end if;
    return new;
end
$$;

comment on function private.fill_tenant_is_active() is
    'Trigger function: a membership knows whether its tenant is active, whatever its writer says.';

revoke execute on function private.fill_tenant_is_active() from public, anon, authenticated;

create function private.copy_tenant_is_active()
returns trigger
language plpgsql
-- Definer: of memberships that a caller does not see, none may stay active.
security definer
set search_path = ''
as $$
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'a tenant is not switched on or off in a transaction that is %',
            current_setting('transaction_isolation')
            using
                errcode = 'invalid_transaction_state',
                detail = 'It would not see who has joined since it began.',
                hint = 'Use one that is read committed.';
    end if;
    -- Not by a foreign key that has the state, which each insert of a brand would keep waiting.
    update public.users u
    set tenant_is_active = new.is_active
    where u.tenant_id = new.id and u.tenant_is_active <> new.is_active;
    return null;
end
$$;

comment on function private.copy_tenant_is_active() is
    'Trigger function: whoever belongs to a tenant is switched on and off with it.';

revoke execute on function private.copy_tenant_is_active() from public, anon, authenticated;

create trigger trigger_users_fill
    before insert on public.users
    for each row execute function private.fill_tenant_is_active();

-- Not for what is named and stays: an update that has a membership's lock would wait for the tenant,
-- whose switch waits for the membership.
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
