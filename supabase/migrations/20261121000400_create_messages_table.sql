-- The messages of the conversations. They carry the tenant themselves, so that a policy compares a
-- column of the row: through the parent, a week of a tenant's messages took six times as long.
--
-- Locks: share row exclusive on conversations for the foreign key, for milliseconds.

set local lock_timeout = '5s';

create table public.messages (
    id uuid not null default private.uuid_v7(),
    conversation_id uuid not null,
    tenant_id uuid not null default private.current_tenant_id(),
    role text not null,
    content text not null,
    token_count integer,
    model_used text,
    latency_ms integer,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    constraint messages_pkey primary key (id, tenant_id),
    constraint messages_conversation_id_fkey foreign key (conversation_id, tenant_id)
        references public.conversations (id, tenant_id) on delete cascade,
    constraint messages_role_is_known_check check (role in ('user', 'assistant', 'system')),
    constraint messages_content_is_not_empty_check check (content <> ''),
    constraint messages_token_count_is_not_negative_check check (token_count >= 0),
    constraint messages_latency_ms_is_not_negative_check check (latency_ms >= 0),
    constraint messages_metadata_is_object_check check (jsonb_typeof(metadata) = 'object')
);

-- The planner's estimates, which anybody may ask for as a count, know nothing of others' texts.
alter table public.messages alter column content set statistics 0;

comment on table public.messages is
    'One turn of a conversation. Members of the tenant read it, the conversation''s owner writes.';
comment on column public.messages.role is 'Who speaks: user, assistant or system.';
comment on column public.messages.token_count is 'Tokens of this message, as the provider counted.';
comment on column public.messages.model_used is 'The model that wrote it; null for people.';
comment on column public.messages.latency_ms is 'Milliseconds the model took; null for people.';
comment on column public.messages.metadata is 'Whatever the application keeps with the message.';

-- A page of a conversation in order, with the id as a tie-break, and the foreign key.
create index idx_messages_conversation_created
    on public.messages (conversation_id, tenant_id, created_at, id);
-- The tenant's messages of a day or a week.
create index idx_messages_tenant_created on public.messages (tenant_id, created_at);
-- What a model cost and how it did for the tenant; people's messages are not in it.
create index idx_messages_tenant_model
    on public.messages (tenant_id, model_used, created_at) where model_used is not null;
-- Answers that kept somebody waiting; few.
create index idx_messages_tenant_slow
    on public.messages (tenant_id, created_at) where latency_ms >= 10000;
-- All tenants' messages of a period, for reports; a few kilobytes for millions of rows.
create index idx_messages_created on public.messages using brin (created_at);

alter table public.messages enable row level security;

create function private.owns_conversation(p_conversation_id uuid, p_tenant_id uuid)
returns boolean
language plpgsql
stable
parallel safe
-- Definer: an `exists` in the policy would run the policies of conversations for every message.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
begin
    -- In one query: to call private.current_user_id() took a seventh of the time of a new message.
    perform
    from public.conversations c
    join public.users u on u.id = c.user_id and u.tenant_id = c.tenant_id
    where
        c.id = p_conversation_id
        and c.tenant_id = p_tenant_id
        and u.auth_id = v_account_id;
    return found;
end
$$;

comment on function private.owns_conversation(uuid, uuid) is
    'True when the conversation is the signed-in caller''s own, active or not: the tenant tells the '
    'policies that. False alike for one that does not exist and one that the caller cannot see.';

revoke execute on function private.owns_conversation(uuid, uuid) from public, anon, authenticated;
grant execute on function private.owns_conversation(uuid, uuid) to authenticated, service_role;

create function private.fill_tenant_from_conversation()
returns trigger
language plpgsql
-- Definer: as private.fill_tenant_from_user().
security definer
set search_path = ''
as $$
begin
    if auth.uid() is not null then
        new.tenant_id = private.current_tenant_id();
    else
        new.tenant_id = coalesce(
            (select c.tenant_id from public.conversations c where c.id = new.conversation_id),
            '00000000-0000-0000-0000-000000000000'
        );
    end if;
    return new;
end
$$;

comment on function private.fill_tenant_from_conversation() is
    'Trigger function for messages that come without a tenant; as private.fill_tenant_from_user().';

revoke execute on function private.fill_tenant_from_conversation()
    from public, anon, authenticated;

create function public.update_conversation_timestamp()
returns trigger
language plpgsql
-- Definer: whoever may write the message may move the conversation, and need not be asked twice.
security definer
set search_path = ''
as $$
begin
    -- Only the first message of a transaction finds something to do, and time never runs back.
    update public.conversations c
    set updated_at = now()
    where c.id = new.conversation_id and c.tenant_id = new.tenant_id and c.updated_at < now();
    return null;
end
$$;

comment on function public.update_conversation_timestamp() is
    'Trigger function: a new message moves its conversation to the top of the lists.';

revoke execute on function public.update_conversation_timestamp() from public, anon, authenticated;

create trigger trigger_messages_fill_tenant
    before insert on public.messages
    for each row when (new.tenant_id is null)
    execute function private.fill_tenant_from_conversation();

create trigger trigger_messages_update_conversation
    after insert on public.messages
    for each row execute function public.update_conversation_timestamp();

create policy messages_select_member on public.messages
    for select to authenticated
    using (tenant_id = (select private.current_tenant_id()));

create policy messages_insert_owner on public.messages
    for insert to authenticated
    with check (
        tenant_id = (select private.current_tenant_id())
        and private.owns_conversation(conversation_id, tenant_id)
    );

create policy messages_update_owner on public.messages
    for update to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and private.owns_conversation(conversation_id, tenant_id)
    )
    with check (
        tenant_id = (select private.current_tenant_id())
        and private.owns_conversation(conversation_id, tenant_id)
    );

create policy messages_delete_owner on public.messages
    for delete to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and private.owns_conversation(conversation_id, tenant_id)
    );

revoke all on table public.messages from public, anon, authenticated;
grant select (
    id, conversation_id, tenant_id, role, content, token_count, model_used, latency_ms,
    metadata, created_at
) on table public.messages to authenticated;
grant delete on table public.messages to authenticated;
grant insert (
    conversation_id, tenant_id, role, content, token_count, model_used, latency_ms, metadata
) on table public.messages to authenticated;
grant update (content, token_count, model_used, latency_ms, metadata)
    on table public.messages to authenticated;
grant all on table public.messages to service_role;
