-- Conversations: a member's chats with the assistant. The whole tenant can read them.
--
-- Locks: share row exclusive on users for the foreign key, for milliseconds.

set local lock_timeout = '5s';

create table public.conversations (
    id uuid not null default private.uuid_v7(),
    tenant_id uuid not null default private.current_tenant_id(),
    user_id uuid not null default private.current_user_id(),
    title text,
    metadata jsonb not null default '{}',
    is_archived boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint conversations_pkey primary key (id, tenant_id),
    constraint conversations_user_id_fkey foreign key (user_id, tenant_id)
        references public.users (id, tenant_id) on delete cascade,
    constraint conversations_metadata_is_object_check check (jsonb_typeof(metadata) = 'object'),
    constraint conversations_title_is_at_most_500_long_check check (char_length(title) <= 500),
    constraint conversations_metadata_is_at_most_64_kb_check
        check (pg_column_size(metadata) <= 65536)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.conversations alter column title set statistics 0;

comment on table public.conversations is
    'A chat with the assistant. Members of the tenant read it; only the member who created it '
    'writes it.';
comment on column public.conversations.user_id is 'The owner: a membership, users.id.';
comment on column public.conversations.metadata is 'Free-form data of the application.';
comment on column public.conversations.is_archived is
    'True when the conversation is hidden from the lists.';
comment on column public.conversations.updated_at is
    'Time of the last change or message. Archiving keeps it. Lists are sorted by it.';

-- Serves "my conversations" and the foreign key.
create index idx_conversations_user_updated
    on public.conversations (user_id, tenant_id, updated_at);
-- Serves the newest conversations of the tenant. The id breaks ties for cursors.
create index idx_conversations_tenant_updated
    on public.conversations (tenant_id, updated_at, id);
-- Serves pages in the order of the ids. To read this order from the primary key, Postgres would pass
-- the conversations of all other tenants.
create index idx_conversations_tenant_id on public.conversations (tenant_id, id);
-- Serves the tenant's archive. Small, because few conversations are archived.
create index idx_conversations_tenant_archived
    on public.conversations (tenant_id, updated_at) where is_archived;
-- Serves the monthly archiving, which looks for idle conversations of all tenants. An expression
-- instead of the column: with few tenants, the planner would read a tenant's list from an index on
-- the column, past the conversations of all other tenants.
create index idx_conversations_idle
    on public.conversations (timezone('utc', updated_at)) where not is_archived;

-- Tell the planner that a user belongs to one tenant. Otherwise it multiplies both selectivities,
-- takes all rows of a user for one row, and reads them all where a single row is named.
create statistics public.conversations_user_tenant (dependencies)
    on user_id, tenant_id from public.conversations;

alter table public.conversations enable row level security;

create trigger trigger_conversations_fill_tenant
    before insert on public.conversations
    for each row when (new.tenant_id is null)
    execute function private.fill_tenant_from_user();

-- Archiving is not activity and leaves updated_at alone. Unarchiving counts as activity: otherwise
-- the maintenance would archive the row again at once.
create trigger trigger_conversations_updated_at
    before update on public.conversations
    for each row
    when (
        not new.is_archived
        or to_jsonb(new) - 'is_archived' is distinct from to_jsonb(old) - 'is_archived'
    )
    execute function public.update_updated_at_column();

create policy conversations_select_member on public.conversations
    for select to authenticated
    using (tenant_id = (select private.current_tenant_id()));

create policy conversations_insert_owner on public.conversations
    for insert to authenticated
    with check (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    );

create policy conversations_update_owner on public.conversations
    for update to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    )
    with check (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    );

create policy conversations_delete_owner on public.conversations
    for delete to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    );

revoke all on table public.conversations from public, anon, authenticated, service_role;
grant select (
    id, tenant_id, user_id, title, metadata, is_archived, created_at, updated_at
) on table public.conversations to authenticated;
grant delete on table public.conversations to authenticated;
-- Clients cannot set ids. Otherwise a client could reuse the id of another tenant's row, and the
-- service role, which often finds a row by its id alone, would take one for the other.
grant insert (tenant_id, user_id, title, metadata, is_archived)
    on table public.conversations to authenticated;
grant update (title, metadata, is_archived) on table public.conversations to authenticated;
grant all on table public.conversations to service_role;
