-- Memberships: which account belongs to which tenant, and in which role. This migration also adds
-- the helpers that the platform's policies call, and the policies of the tenants.
--
-- Locks: share row exclusive on tenants for the foreign key, for milliseconds.

set local lock_timeout = '5s';

create table public.users (
    id uuid not null default private.uuid_v7(),
    tenant_id uuid not null,
    auth_id uuid,
    email text not null,
    name text,
    role text not null default 'user',
    preferences jsonb not null default '{}',
    is_active boolean not null default true,
    is_default boolean not null default false,
    last_active_at timestamptz,
    left_at timestamptz,
    former_auth_id uuid,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint users_pkey primary key (id, tenant_id),
    constraint users_auth_id_tenant_id_key unique (auth_id, tenant_id),
    constraint users_tenant_id_email_key unique (tenant_id, email),
    constraint users_tenant_id_fkey foreign key (tenant_id)
        references public.tenants (id) on delete cascade,
    constraint users_auth_id_fkey foreign key (auth_id)
        references auth.users (id) on delete set null,
    constraint users_former_auth_id_fkey foreign key (former_auth_id)
        references auth.users (id) on delete set null,
    constraint users_email_is_lower_case_address_check
        check (email = lower(email) and email ~ '^[^\s@]+@[^\s@]+$'),
    constraint users_role_is_known_check check (role in ('owner', 'admin', 'user')),
    constraint users_former_member_has_no_account_check
        check (left_at is null or (auth_id is null and not is_active and not is_default)),
    constraint users_preferences_is_object_check check (jsonb_typeof(preferences) = 'object'),
    constraint users_email_is_at_most_255_long_check check (char_length(email) <= 255),
    constraint users_name_is_at_most_255_long_check check (char_length(name) <= 255),
    constraint users_preferences_is_at_most_16_kb_check
        check (pg_column_size(preferences) <= 16384)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.users
    alter column email set statistics 0,
    alter column name set statistics 0;

comment on table public.users is
    'A membership: one person in one tenant. It may exist before the person signs up, and it stays '
    'when their account is deleted.';
comment on column public.users.auth_id is
    'The account, auth.users.id. An account has at most one membership per tenant. Null before an '
    'account confirms this email address, and again after the account is deleted.';
comment on column public.users.email is
    'In lower case, unique within the tenant. The account that confirms this address is linked to '
    'this membership, unless the account has one in the tenant. The address then changes with the '
    'address of the account.';
comment on column public.users.former_auth_id is
    'The account of a former member, auth.users.id; null for members. Another account that gets the '
    'address later cannot take over the membership.';
comment on column public.users.is_default is
    'True for the membership that the account has chosen with choose_tenant(). A request without '
    'the header x-tenant-id is for its tenant.';
comment on column public.users.role is
    'user, admin or owner. Admins and owners also manage the tenant and read its usage.';
comment on column public.users.is_active is
    'When false, the member can read and write nothing in the assistant platform and the creative '
    'director. Takes effect at once, because policies read this column instead of the token.';
comment on column public.users.left_at is
    'When the member left or was removed; null for members. The row stays, because usage and '
    'conversations refer to it. A new invitation makes it a membership again.';
-- Finds the membership of the caller. An account has one default at most.
create index idx_users_account on public.users (auth_id, is_default desc, created_at, id)
    where auth_id is not null;
create unique index idx_users_default on public.users (auth_id) where is_default;
create index idx_users_former_account on public.users (former_auth_id);
-- Finds unlinked memberships by the address of a new account, across tenants.
create index idx_users_unlinked_email on public.users (email)
    where auth_id is null and left_at is null;

alter table public.users enable row level security;

create type private.membership as (id uuid, tenant_id uuid, role text);

comment on type private.membership is 'The parts of a row of users by which policies decide.';

create function private.current_membership()
returns private.membership
language plpgsql
stable
parallel safe
-- Definer: the policies of users and tenants call it, and would recurse.
security definer
set search_path = ''
as $$
declare
    -- Variables, because functions inside the query would take longer.
    v_account_id uuid = auth.uid();
    v_headers text = current_setting('request.headers', true);
    v_header text;
    v_membership private.membership;
begin
    -- Does not parse the JSON, which would take four times as long. In JSON, only a key can be
    -- followed by a quote and a colon: the quotes of a value have a backslash.
    if position('"x-tenant-id":' in v_headers) > 0 then
        -- Compared as text, because a cast could fail.
        v_header = lower(split_part(split_part(v_headers, '"x-tenant-id":"', 2), '"', 1));
        select u.id, u.tenant_id, u.role
        into v_membership
        from public.users u
        where
            u.auth_id = v_account_id
            and u.is_active
            and u.tenant_id::text = v_header
            and (select i.tenant_id from private.inactive_tenants i where i.tenant_id = u.tenant_id)
                is null;
        return v_membership;
    end if;
    -- A query of its own, because one for both cases takes 0.9 us longer.
    select u.id, u.tenant_id, u.role
    into v_membership
    from public.users u
    where
        u.auth_id = v_account_id
        and u.is_active
        and (select i.tenant_id from private.inactive_tenants i where i.tenant_id = u.tenant_id)
            is null
    order by u.is_default desc, u.created_at, u.id
    limit 1;
    return v_membership;
end
$$;

comment on function private.current_membership() is
    'Returns the membership of the signed-in caller that the request is for. With the header '
    'x-tenant-id: the membership in that tenant, or null. Without it: the default membership, '
    'otherwise the oldest. Only active memberships in active tenants count. Null for any other caller. Written in plpgsql, '
    'because Postgres cannot inline it: as a SQL function it would be planned again in every '
    'statement.';

create function private.current_tenant_id()
returns uuid
language plpgsql
stable
parallel safe
security invoker
set search_path = ''
as $$
begin
    return (private.current_membership()).tenant_id;
end
$$;

comment on function private.current_tenant_id() is
    'Returns the tenant that the signed-in caller''s request is for; null if they have no active '
    'membership there. See private.current_membership().';

create function private.current_user_id()
returns uuid
language plpgsql
stable
parallel safe
security invoker
set search_path = ''
as $$
begin
    return (private.current_membership()).id;
end
$$;

comment on function private.current_user_id() is
    'Returns the membership (users.id, not the account) that the signed-in caller''s request is '
    'for. Null in the same cases as private.current_tenant_id().';

create function private.is_tenant_admin()
returns boolean
language plpgsql
stable
parallel safe
security invoker
set search_path = ''
as $$
begin
    return coalesce((private.current_membership()).role in ('owner', 'admin'), false);
end
$$;

comment on function private.is_tenant_admin() is
    'Returns true when the signed-in caller is an active owner or admin of the tenant that their '
    'request is for.';

revoke execute on function private.current_membership() from public, anon, authenticated;
revoke execute on function private.current_tenant_id() from public, anon, authenticated;
revoke execute on function private.current_user_id() from public, anon, authenticated;
revoke execute on function private.is_tenant_admin() from public, anon, authenticated;
grant execute on function private.current_membership() to authenticated, service_role;
grant execute on function private.current_tenant_id() to authenticated, service_role;
grant execute on function private.current_user_id() to authenticated, service_role;
grant execute on function private.is_tenant_admin() to authenticated, service_role;

alter table public.users alter column tenant_id set default private.current_tenant_id();

create function private.fill_tenant_from_user()
returns trigger
language plpgsql
-- Definer: it looks up the parent row for callers without a tenant, such as the service role.
security definer
set search_path = ''
as $$
begin
    if auth.uid() is not null then
        -- No look-up for a signed-in caller: it would reveal which ids other tenants use.
        new.tenant_id = private.current_tenant_id();
    else
        -- An unknown parent gets the nil tenant, so that the foreign key fails and names the
        -- parent. An id that several tenants use fails with 21000: the caller must pass the tenant.
        new.tenant_id = coalesce(
            (select u.tenant_id from public.users u where u.id = new.user_id),
            '00000000-0000-0000-0000-000000000000'
        );
    end if;
    return new;
end
$$;

comment on function private.fill_tenant_from_user() is
    'Trigger function: fills tenant_id of a row that has a user_id but no tenant.';

revoke execute on function private.fill_tenant_from_user() from public, anon, authenticated;

create trigger trigger_users_updated_at
    before update on public.users
    for each row execute function public.update_updated_at_column();

create policy tenants_select_member on public.tenants
    for select to authenticated
    using (id = (select private.current_tenant_id()));

create policy tenants_update_admin on public.tenants
    for update to authenticated
    using (id = (select private.current_tenant_id()) and (select private.is_tenant_admin()))
    with check (id = (select private.current_tenant_id()) and (select private.is_tenant_admin()));

create policy users_select_member on public.users
    for select to authenticated
    using (tenant_id = (select private.current_tenant_id()));

create policy users_update_self on public.users
    for update to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and id = (select private.current_user_id())
    )
    with check (
        tenant_id = (select private.current_tenant_id())
        and id = (select private.current_user_id())
    );

-- All migrations grant select to authenticated by column. A grant on the whole table would include
-- ctid and xmin, which reveal how much other tenants write.
grant select (
    id, name, slug, llm_provider, llm_model, temperature, max_tokens, system_prompt, features,
    rate_limit_per_minute, daily_token_limit, seat_limit, branding, is_active, delete_after,
    created_at, updated_at
) on table public.tenants to authenticated;
grant update (
    name, llm_provider, llm_model, temperature, max_tokens, system_prompt, features, branding
) on table public.tenants to authenticated;

revoke all on table public.users from public, anon, authenticated, service_role;
grant select (
    id, tenant_id, auth_id, email, name, role, preferences, is_active, is_default, last_active_at,
    left_at, former_auth_id, created_at, updated_at
) on table public.users to authenticated;
grant update (name, preferences, last_active_at) on table public.users to authenticated;
grant all on table public.users to service_role;
