-- Creating and deleting tenants, by the people who own them. Each function in public calls the
-- function of the same name in private, which runs with its owner's rights and checks the caller's.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create function private.free_slug(p_name text)
returns text
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    -- Keep only ASCII letters and digits, and at most 80 characters, so that a suffix fits.
    v_slug text = coalesce(
        nullif(
            trim(
                both '-' from left(
                    regexp_replace(lower(p_name collate "C"), '[^a-z0-9]+', '-', 'g'), 80
                )
            ),
            ''
        ),
        'tenant'
    );
begin
    -- Slugs that start with test- are test data.
    if v_slug like 'test-%' then
        v_slug = 'tenant-' || v_slug;
    end if;
    if exists (select from public.tenants t where t.slug = v_slug) then
        return v_slug || '-' || left(gen_random_uuid()::text, 8);
    end if;
    return v_slug;
end
$$;

comment on function private.free_slug(text) is
    'Returns a slug that is made from a name, with a random suffix if another tenant has it.';

create function private.create_tenant(p_name text, p_slug text)
returns public.tenants
language plpgsql
volatile
-- Definer: only the service role can insert tenants.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_address text = private.confirmed_address_of_caller();
    v_settings private.platform_settings;
    v_tenant public.tenants;
begin
    select s.* into v_settings from private.platform_settings s;
    if v_settings.self_service_tenants is not true then
        raise exception 'only the backend creates tenants'
            using
                errcode = 'insufficient_privilege',
                hint = 'The owner of the database can change private.platform_settings.';
    end if;
    if v_address is null then
        raise exception 'a tenant needs an owner with a confirmed email address'
            using
                errcode = 'insufficient_privilege',
                hint = 'Confirm your email address. Single sign-on does not confirm it.';
    end if;
    -- Makes two calls of an account wait for each other, so that the second counts the first.
    perform pg_advisory_xact_lock(
        'private.platform_settings'::regclass::oid::integer, hashtext(v_account_id::text)
    );
    if (
        select count(*) from public.users u where u.auth_id = v_account_id and u.role = 'owner'
    ) >= v_settings.tenants_per_account
    then
        raise exception 'the account owns too many tenants'
            using
                errcode = 'PT429',
                detail = format('An account owns at most %s.', v_settings.tenants_per_account),
                hint = 'Transfer a tenant. A deleted one counts until the maintenance deletes it.';
    end if;
    if exists (select from public.tenants t where t.slug = p_slug) then
        raise exception 'another tenant has this slug'
            using errcode = 'unique_violation', hint = 'Pass another slug.';
    end if;
    insert into public.tenants (name, slug)
    values (p_name, coalesce(p_slug, private.free_slug(p_name)))
    returning * into v_tenant;
    insert into public.users (tenant_id, auth_id, email, role)
    values (v_tenant.id, v_account_id, v_address, 'owner');
    return v_tenant;
end
$$;

comment on function private.create_tenant(text, text) is
    'Does the work of public.create_tenant().';

create function private.delete_tenant(p_confirm_slug text)
returns timestamptz
language plpgsql
volatile
-- Definer: members cannot write is_active.
security definer
set search_path = ''
as $$
declare
    v_caller private.membership = private.lock_tenant_of_caller(array['owner']);
    v_delete_after timestamptz;
begin
    update public.tenants t
    set is_active = false, delete_after = now() + interval '30 days'
    where t.id = v_caller.tenant_id and t.slug = p_confirm_slug
    returning t.delete_after into v_delete_after;
    if not found then
        raise exception 'the slug does not match the tenant'
            using
                errcode = 'invalid_parameter_value',
                hint = 'Pass the slug of the tenant that the request is for.';
    end if;
    return v_delete_after;
end
$$;

comment on function private.delete_tenant(text) is 'Does the work of public.delete_tenant().';

create function public.create_tenant(p_name text, p_slug text default null)
returns public.tenants
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return private.create_tenant(p_name, p_slug);
end
$$;

comment on function public.create_tenant(text, text) is
    'Creates a tenant, whose owner is the caller, and returns it. Without p_slug, the slug is made '
    'from the name. Requests stay in the caller''s current tenant. Fails with 42501 if the caller''s '
    'email address is not confirmed, or private.platform_settings switches this off, 23505 if '
    'another tenant has the slug, 23514 for an invalid name or slug, and PT429 if the account owns '
    'too many tenants.';

create function public.delete_tenant(p_confirm_slug text)
returns timestamptz
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return private.delete_tenant(p_confirm_slug);
end
$$;

comment on function public.delete_tenant(text) is
    'Deactivates the caller''s tenant at once, and returns the time after which the monthly '
    'maintenance deletes it with all its rows: in 30 days. Until then the service role can undo it '
    'with is_active = true and delete_after = null. For owners. Fails with 42501 for other callers, '
    'and with 22023 unless p_confirm_slug is the slug of the tenant.';

revoke execute on function private.free_slug(text) from public, anon, authenticated;
revoke execute on function private.create_tenant(text, text) from public, anon, authenticated;
revoke execute on function private.delete_tenant(text) from public, anon, authenticated;
grant execute on function private.create_tenant(text, text) to authenticated, service_role;
grant execute on function private.delete_tenant(text) to authenticated, service_role;

revoke execute on function public.create_tenant(text, text)
    from public, anon, authenticated, service_role;
revoke execute on function public.delete_tenant(text)
    from public, anon, authenticated, service_role;
grant execute on function public.create_tenant(text, text) to authenticated, service_role;
grant execute on function public.delete_tenant(text) to authenticated, service_role;
