-- The conversations: one person's chat with the assistant, which the whole tenant may read.
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
    constraint conversations_metadata_is_object_check check (jsonb_typeof(metadata) = 'object')
);

-- The planner's estimates, which anybody may ask for as a count, know nothing of others' texts.
alter table public.conversations alter column title set statistics 0;

comment on table public.conversations is
    'A chat with the assistant. Members of the tenant read it, its owner writes it.';
comment on column public.conversations.user_id is 'The owner: a membership, users.id.';
comment on column public.conversations.metadata is 'Whatever the application keeps with the chat.';
comment on column public.conversations.is_archived is 'Hidden from the lists, not deleted.';
comment on column public.conversations.updated_at is
    'When the conversation changed or last got a message; the order of the lists.';

-- "My conversations", and the foreign key.
create index idx_conversations_user_updated
    on public.conversations (user_id, tenant_id, updated_at);
-- The newest conversations of the tenant, with the id as a tie-break for cursors.
create index idx_conversations_tenant_updated
    on public.conversations (tenant_id, updated_at, id);
-- New conversations of the tenant by day.
create index idx_conversations_tenant_created
    on public.conversations (tenant_id, created_at);
-- The tenant's archive; small, since few are archived.
create index idx_conversations_tenant_archived
    on public.conversations (tenant_id, updated_at) where is_archived;
-- Conversations of any tenant that have been idle for long, for the monthly archiving. An
-- expression: by the column itself, it would be in the order of the lists, and a list of one of a
-- few tenants was read from it, past the conversations of all others.
create index idx_conversations_idle
    on public.conversations (timezone('utc', updated_at)) where not is_archived;

-- A user is in one tenant. Otherwise all that a person has would seem as few as one of their rows, and
-- be read where that was named.
create statistics public.conversations_user_tenant (dependencies)
    on user_id, tenant_id from public.conversations;

alter table public.conversations enable row level security;

create trigger trigger_conversations_fill_tenant
    before insert on public.conversations
    for each row when (new.tenant_id is null)
    execute function private.fill_tenant_from_user();

-- Archiving is no sign of life, and leaves the row as old as it is. Taking it back is one: the row
-- would be archived again at once.
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

revoke all on table public.conversations from public, anon, authenticated;
grant select (
    id, tenant_id, user_id, title, metadata, is_archived, created_at, updated_at
) on table public.conversations to authenticated;
grant delete on table public.conversations to authenticated;
-- Ids are the database's: one that a client could choose might be taken for another tenant's row
-- wherever the service role names a row by its id alone.
grant insert (tenant_id, user_id, title, metadata, is_archived)
    on table public.conversations to authenticated;
grant update (title, metadata, is_archived) on table public.conversations to authenticated;
grant all on table public.conversations to service_role;
