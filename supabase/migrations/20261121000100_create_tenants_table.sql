-- Tenants are the customers of the assistant platform. Each has its own model settings, limits and
-- branding. A tenant is its own isolation key, so only this table has a single-column primary key.
-- The migration of the memberships adds the policies, because they read the caller's membership.
--
-- A second table lists the deactivated tenants, for the look-up of the caller's membership. So
-- switching a tenant writes two rows, whatever its size, and waits for none of its members.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create table public.tenants (
    id uuid not null default private.uuid_v7(),
    name text not null,
    slug text not null,
    llm_provider text not null default 'openai',
    llm_model text not null default 'gpt-4o-mini',
    temperature numeric(3, 2) not null default 0.7,
    max_tokens integer not null default 4096,
    system_prompt text,
    features jsonb not null default '{}',
    rate_limit_per_minute integer not null default 60,
    daily_token_limit bigint not null default 1000000,
    seat_limit integer,
    branding jsonb not null default '{}',
    is_active boolean not null default true,
    delete_after timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint tenants_pkey primary key (id),
    constraint tenants_slug_key unique (slug),
    constraint tenants_name_is_not_blank_check check (name ~ '\S'),
    constraint tenants_slug_is_kebab_case_check check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    constraint tenants_temperature_is_0_to_2_check check (temperature between 0 and 2),
    constraint tenants_max_tokens_is_positive_check check (max_tokens > 0),
    constraint tenants_features_is_object_check check (jsonb_typeof(features) = 'object'),
    constraint tenants_rate_limit_per_minute_is_positive_check check (rate_limit_per_minute > 0),
    constraint tenants_daily_token_limit_is_not_negative_check check (daily_token_limit >= 0),
    constraint tenants_seat_limit_is_positive_check check (seat_limit > 0),
    constraint tenants_branding_is_object_check check (jsonb_typeof(branding) = 'object'),
    constraint tenants_is_inactive_until_deletion_check check (delete_after is null or not is_active),
    constraint tenants_name_is_at_most_200_long_check check (char_length(name) <= 200),
    constraint tenants_slug_is_at_most_100_long_check check (char_length(slug) <= 100),
    constraint tenants_llm_provider_is_at_most_100_long_check
        check (char_length(llm_provider) <= 100),
    constraint tenants_llm_model_is_at_most_255_long_check check (char_length(llm_model) <= 255),
    constraint tenants_system_prompt_is_at_most_256_kb_check
        check (octet_length(system_prompt) <= 262144),
    constraint tenants_features_is_at_most_64_kb_check check (pg_column_size(features) <= 65536),
    constraint tenants_branding_is_at_most_64_kb_check check (pg_column_size(branding) <= 65536)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.tenants
    alter column name set statistics 0,
    alter column slug set statistics 0,
    alter column llm_provider set statistics 0,
    alter column llm_model set statistics 0,
    alter column system_prompt set statistics 0;

comment on table public.tenants is
    'A customer. All rows of a tenant contain its id, and other tenants cannot read them.';
comment on column public.tenants.slug is
    'Name in URLs, in lower-case kebab case. Slugs that start with test- are test data.';
comment on column public.tenants.llm_provider is
    'The provider of the model, e.g. openai or anthropic. API keys are never stored here.';
comment on column public.tenants.temperature is 'Sampling temperature, 0 to 2.';
comment on column public.tenants.max_tokens is 'Maximum length of an answer, in tokens.';
comment on column public.tenants.features is 'Feature switches by name.';
comment on column public.tenants.rate_limit_per_minute is
    'Requests per minute that the application allows the tenant.';
comment on column public.tenants.daily_token_limit is
    'Tokens per day (UTC) that the application allows the tenant; 0 allows none.';
comment on column public.tenants.seat_limit is
    'Most active memberships that its admins can bring in; null for no limit. The service role can '
    'exceed it.';
comment on column public.tenants.branding is 'Colours, logo and texts of the tenant''s frontend.';
comment on column public.tenants.is_active is
    'When false, the tenant''s members can read and write nothing in the assistant platform and '
    'the creative director. Takes effect at once.';
comment on column public.tenants.delete_after is
    'Null, or the time after which the monthly maintenance deletes the inactive tenant with all its '
    'rows, in batches. Until then, setting it to null keeps the tenant.';

-- Finds the tenants that are due for deletion.
create index idx_tenants_delete_after on public.tenants (id) where delete_after is not null;

alter table public.tenants enable row level security;

create trigger trigger_tenants_updated_at
    before update on public.tenants
    for each row execute function public.update_updated_at_column();

create table private.inactive_tenants (
    tenant_id uuid not null,
    constraint inactive_tenants_pkey primary key (tenant_id),
    constraint inactive_tenants_tenant_id_fkey foreign key (tenant_id)
        references public.tenants (id) on update cascade on delete cascade
);

comment on table private.inactive_tenants is
    'The tenants whose is_active is false, maintained by triggers. Identifying the caller looks '
    'here: the table is small, and mostly empty. Reading the row of the tenant instead would take '
    'the look-up from 4.3 to 8.0 us.';

create function private.list_inactive_tenant()
returns trigger
language plpgsql
-- Definer: whoever may change is_active needs no rights on the list.
security definer
set search_path = ''
as $$
begin
    if new.is_active then
        delete from private.inactive_tenants i where i.tenant_id = new.id;
    else
        insert into private.inactive_tenants (tenant_id) values (new.id) on conflict do nothing;
    end if;
    return null;
end
$$;

comment on function private.list_inactive_tenant() is
    'Trigger function: adds a tenant to private.inactive_tenants when it is deactivated, and '
    'removes it when it is activated.';

revoke execute on function private.list_inactive_tenant() from public, anon, authenticated;

create trigger trigger_tenants_list_inactive
    after insert on public.tenants
    for each row when (not new.is_active)
    execute function private.list_inactive_tenant();

create trigger trigger_tenants_switch
    after update of is_active on public.tenants
    for each row when (new.is_active <> old.is_active)
    execute function private.list_inactive_tenant();

revoke all on table private.inactive_tenants from public, anon, authenticated, service_role;

revoke all on table public.tenants from public, anon, authenticated, service_role;
grant all on table public.tenants to service_role;
