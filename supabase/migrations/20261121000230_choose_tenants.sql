-- Several tenants per sign-in: the list of the caller's tenants, and the choice of the default. A
-- request chooses a tenant by the header x-tenant-id; see private.current_membership().
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create function private.list_my_tenants()
returns table (
    id uuid, slug text, name text, role text, is_default boolean, is_current boolean
)
language plpgsql
stable
-- Definer: a policy shows the caller one tenant at a time.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_tenant_id uuid = private.current_tenant_id();
begin
    return query
    select t.id, t.slug, t.name, u.role, u.is_default, t.id is not distinct from v_tenant_id
    from public.users u
    join public.tenants t on t.id = u.tenant_id
    where u.auth_id = v_account_id and u.is_active and t.is_active
    order by u.created_at, u.id;
end
$$;

comment on function private.list_my_tenants() is 'The rows of list_my_tenants().';

create function public.list_my_tenants()
returns table (
    id uuid, slug text, name text, role text, is_default boolean, is_current boolean
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query select * from private.list_my_tenants();
end
$$;

comment on function public.list_my_tenants() is
    'Returns the active tenants in which the caller has an active membership, and their role there, '
    'in the order in which they joined. is_default is the choice of choose_tenant(). is_current is '
    'true for the tenant that this request is for.';

create function private.choose_tenant(p_tenant_id uuid)
returns boolean
language plpgsql
volatile
-- Definer: members cannot write is_default.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
begin
    -- Two choices at the same time wait for each other here, so that both find one default.
    perform
    from public.users u
    where u.auth_id = v_account_id
    order by u.id, u.tenant_id
    for no key update;
    if not exists (
        select
        from public.users u
        join public.tenants t on t.id = u.tenant_id
        where
            u.auth_id = v_account_id
            and u.tenant_id = p_tenant_id
            and u.is_active
            and t.is_active
    ) then
        return false;
    end if;
    update public.users u
    set is_default = false
    where u.auth_id = v_account_id and u.is_default and u.tenant_id <> p_tenant_id;
    update public.users u
    set is_default = true
    where u.auth_id = v_account_id and not u.is_default and u.tenant_id = p_tenant_id;
    return true;
end
$$;

comment on function private.choose_tenant(uuid) is
    'Makes a membership of the caller their default, and returns true. Returns false, and changes '
    'nothing, if the caller has no active membership in the tenant.';

create function public.choose_tenant(p_tenant_id uuid)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    if not private.choose_tenant(p_tenant_id) then
        raise exception 'tenant % not found', coalesce(p_tenant_id::text, 'null')
            using
                errcode = 'no_data_found',
                hint = 'Call list_my_tenants() for the tenants of the caller.';
    end if;
end
$$;

comment on function public.choose_tenant(uuid) is
    'Makes a tenant the caller''s default: requests without the header x-tenant-id are for it. '
    'Fails with P0002 if the caller has no active membership in an active tenant of this id.';

revoke execute on function private.list_my_tenants() from public, anon, authenticated;
revoke execute on function private.choose_tenant(uuid) from public, anon, authenticated;
revoke execute on function public.list_my_tenants() from public, anon, authenticated, service_role;
revoke execute on function public.choose_tenant(uuid) from public, anon, authenticated, service_role;
grant execute on function private.list_my_tenants() to authenticated, service_role;
grant execute on function private.choose_tenant(uuid) to authenticated, service_role;
grant execute on function public.list_my_tenants() to authenticated, service_role;
grant execute on function public.choose_tenant(uuid) to authenticated, service_role;
