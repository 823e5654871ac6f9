-- Brands, for which a tenant's members make creative work. A brand belongs to a tenant. The
-- sessions, which the next migration adds, belong to an account.
--
-- Locks: share row exclusive on tenants for the foreign key, for milliseconds.

set local lock_timeout = '5s';

create table public.brands (
    id uuid not null default private.uuid_v7(),
    tenant_id uuid not null default private.current_tenant_id(),
    name text not null,
    slug text not null,
    description text,
    guidelines jsonb not null default '{}',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint brands_pkey primary key (id, tenant_id),
    constraint brands_tenant_id_slug_key unique (tenant_id, slug),
    constraint brands_tenant_id_fkey foreign key (tenant_id)
        references public.tenants (id) on delete cascade,
    constraint brands_name_is_not_blank_check check (name ~ '\S'),
    constraint brands_slug_is_kebab_case_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint brands_guidelines_is_object_check check (jsonb_typeof(guidelines) = 'object'),
    constraint brands_name_is_at_most_200_long_check check (char_length(name) <= 200),
    constraint brands_slug_is_at_most_100_long_check check (char_length(slug) <= 100),
    constraint brands_description_is_at_most_64_kb_check check (octet_length(description) <= 65536),
    constraint brands_guidelines_is_at_most_256_kb_check
        check (pg_column_size(guidelines) <= 262144)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.brands
    alter column name set statistics 0,
    alter column slug set statistics 0,
    alter column description set statistics 0;

comment on table public.brands is
    'A brand that a tenant makes creative work for. Members read it; owners and admins write it.';
comment on column public.brands.slug is
    'Name in URLs, in lower-case kebab case, unique within the tenant.';
comment on column public.brands.guidelines is
    'Rules for work on the brand: voice, colours, words to avoid.';

alter table public.brands enable row level security;

create trigger trigger_brands_updated_at
    before update on public.brands
    for each row execute function public.update_updated_at_column();

create trigger trigger_brands_record_change
    after insert or update or delete on public.brands
    for each row execute function private.record_change('tenant_id');

create policy brands_select_member on public.brands
    for select to authenticated
    using (tenant_id = (select private.current_tenant_id()));

create policy brands_insert_admin on public.brands
    for insert to authenticated
    with check (
        tenant_id = (select private.current_tenant_id())
        and (select private.is_tenant_admin())
    );

create policy brands_update_admin on public.brands
    for update to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and (select private.is_tenant_admin())
    )
    with check (
        tenant_id = (select private.current_tenant_id())
        and (select private.is_tenant_admin())
    );

create policy brands_delete_admin on public.brands
    for delete to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and (select private.is_tenant_admin())
    );

revoke all on table public.brands from public, anon, authenticated, service_role;
grant select (
    id, tenant_id, name, slug, description, guidelines, created_at, updated_at
) on table public.brands to authenticated;
grant delete on table public.brands to authenticated;
grant insert (tenant_id, name, slug, description, guidelines)
    on table public.brands to authenticated;
grant update (name, slug, description, guidelines) on table public.brands to authenticated;
grant all on table public.brands to service_role;
