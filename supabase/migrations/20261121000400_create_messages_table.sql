-- Messages of the conversations. Each row carries its tenant, so that a policy compares a column of
-- the row. A join with the parent made reading a week of a tenant's messages six times slower.
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
    position integer not null default 0,
    written_by text not null default case when auth.uid() is null then 'service' else 'member' end,
    created_at timestamptz not null default now(),
    constraint messages_pkey primary key (id, tenant_id),
    constraint messages_conversation_id_fkey foreign key (conversation_id, tenant_id)
        references public.conversations (id, tenant_id) on delete cascade,
    constraint messages_role_is_known_check check (role in ('user', 'assistant', 'system')),
    constraint messages_content_is_not_empty_check check (content <> ''),
    constraint messages_token_count_is_not_negative_check check (token_count >= 0),
    constraint messages_latency_ms_is_not_negative_check check (latency_ms >= 0),
    constraint messages_written_by_is_known_check check (written_by in ('member', 'service')),
    constraint messages_position_is_positive_check check (position > 0),
    constraint messages_metadata_is_object_check check (jsonb_typeof(metadata) = 'object'),
    constraint messages_content_is_at_most_1024_kb_check check (octet_length(content) <= 1048576),
    constraint messages_model_used_is_at_most_255_long_check check (char_length(model_used) <= 255),
    constraint messages_metadata_is_at_most_64_kb_check check (pg_column_size(metadata) <= 65536)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.messages
    alter column content set statistics 0,
    alter column model_used set statistics 0;

comment on table public.messages is
    'One turn of a conversation. Members of the tenant read it; only the conversation''s owner '
    'writes it.';
comment on column public.messages.role is 'The author: user, assistant or system.';
comment on column public.messages.token_count is
    'Tokens of this message, as counted by the provider.';
comment on column public.messages.model_used is
    'The model that wrote the message; null for messages of people.';
comment on column public.messages.latency_ms is
    'Response time of the model in milliseconds; null for messages of people.';
comment on column public.messages.metadata is 'Free-form data of the application.';
comment on column public.messages.written_by is
    'Who inserted the row: member (the conversation''s owner) or service (the backend). The '
    'member can change and delete only rows of the member. Deleting the whole conversation '
    'deletes all rows.';
comment on column public.messages.position is
    'Order in the conversation, from 1. If omitted, a trigger sets the next number, so that rows '
    'of one insert keep their order. Two concurrent inserts can get the same position; then the '
    'id decides.';

-- Serves a page of a conversation in the order of creation, and the foreign key.
create index idx_messages_conversation_created
    on public.messages (conversation_id, tenant_id, position, id);
-- Serves the tenant's messages of a day or a week.
create index idx_messages_tenant_created on public.messages (tenant_id, created_at);
-- Serves the tenant's reports per model. Messages of people are left out, because they have no
-- model.
create index idx_messages_tenant_model
    on public.messages (tenant_id, model_used, created_at) where model_used is not null;
-- Serves pages in the order of the ids, for the same reason as idx_conversations_tenant_id.
create index idx_messages_tenant_id on public.messages (tenant_id, id);
-- Serves reports on a period across tenants. Takes a few kilobytes for millions of rows.
create index idx_messages_created on public.messages using brin (created_at);

alter table public.messages enable row level security;

create function private.owns_conversation(p_conversation_id uuid, p_tenant_id uuid)
returns boolean
language plpgsql
stable
parallel safe
-- Definer: an `exists` in the policy would run the policies of conversations once per message.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
begin
    -- One query: a call of private.current_user_id() took a seventh of the time of an insert.
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
    'Returns true when the conversation belongs to the signed-in caller. Returns '
    'false for an unknown conversation and for one of somebody else. It does not check whether the '
    'caller is active: policies do so by comparing the tenant.';

revoke execute on function private.owns_conversation(uuid, uuid) from public, anon, authenticated;
grant execute on function private.owns_conversation(uuid, uuid) to authenticated, service_role;

create function private.fill_message_from_conversation()
returns trigger
language plpgsql
-- Definer: it looks up the parent row for callers without a tenant, such as the service role. And
-- the policies would run once per message of the conversation.
security definer
set search_path = ''
-- The plan is made while the table is small, and kept: without this, each row of a large insert
-- reads all rows before it.
set enable_seqscan = off
as $$
begin
    if new.tenant_id is null then
        if auth.uid() is not null then
            new.tenant_id = private.current_tenant_id();
        else
            new.tenant_id = coalesce(
                (select c.tenant_id from public.conversations c where c.id = new.conversation_id),
                '00000000-0000-0000-0000-000000000000'
            );
        end if;
    end if;
    if new.position = 0 then
        -- Sees the rows that the same statement has inserted before, because the trigger is
        -- volatile.
        new.position = 1 + coalesce(
            (
                select m.position
                from public.messages m
                where m.conversation_id = new.conversation_id and m.tenant_id = new.tenant_id
                order by m.position desc
                limit 1
            ),
            0
        );
    end if;
    return new;
end
$$;

comment on function private.fill_message_from_conversation() is
    'Trigger function: fills tenant_id and position of a message, if the row has none.';

revoke execute on function private.fill_message_from_conversation()
    from public, anon, authenticated;

create function public.update_conversation_timestamp()
returns trigger
language plpgsql
-- Definer: the policy of messages has already checked the caller. Checking again would cost time.
security definer
set search_path = ''
as $$
begin
    -- Updates the row once per transaction, and never moves the time back. An imported message
    -- keeps its own time. Locks the conversations in the order of their ids, so that two statements
    -- never wait for each other.
    update public.conversations c
    set updated_at = l.newest
    from (
        select c.id, c.tenant_id, n.newest
        from (
            select n.conversation_id, n.tenant_id, max(n.created_at) as newest
            from new_messages n
            group by n.conversation_id, n.tenant_id
        ) n
        join public.conversations c on c.id = n.conversation_id and c.tenant_id = n.tenant_id
        where c.updated_at < n.newest
        order by c.id, c.tenant_id
        for no key update of c
    ) l
    where c.id = l.id and c.tenant_id = l.tenant_id;
    return null;
end
$$;

comment on function public.update_conversation_timestamp() is
    'Trigger function: sets updated_at of each conversation to the time of its newest new '
    'message, if that is later.';

revoke execute on function public.update_conversation_timestamp()
    from public, anon, authenticated, service_role;

create trigger trigger_messages_fill
    before insert on public.messages
    for each row when (new.tenant_id is null or new.position = 0)
    execute function private.fill_message_from_conversation();

create trigger trigger_messages_update_conversation
    after insert on public.messages
    referencing new table as new_messages
    for each statement execute function public.update_conversation_timestamp();

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
        and written_by = 'member'
        and private.owns_conversation(conversation_id, tenant_id)
    )
    with check (
        tenant_id = (select private.current_tenant_id())
        and written_by = 'member'
        and private.owns_conversation(conversation_id, tenant_id)
    );

create policy messages_delete_owner on public.messages
    for delete to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and written_by = 'member'
        and private.owns_conversation(conversation_id, tenant_id)
    );

revoke all on table public.messages from public, anon, authenticated, service_role;
grant select (
    id, conversation_id, tenant_id, role, content, token_count, model_used, latency_ms,
    metadata, position, written_by, created_at
) on table public.messages to authenticated;
grant delete on table public.messages to authenticated;
grant insert (
    conversation_id, tenant_id, role, content, token_count, model_used, latency_ms, metadata
) on table public.messages to authenticated;
grant update (content, token_count, model_used, latency_ms, metadata)
    on table public.messages to authenticated;
grant all on table public.messages to service_role;
