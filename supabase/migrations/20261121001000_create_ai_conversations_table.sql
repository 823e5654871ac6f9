-- Chats of the AI integration: each row holds a whole chat, has an id that the client chooses, and
-- is visible to its account only. For apps that keep a chat in the browser and save it as one
-- document.
--
-- Locks: share row exclusive on auth.users for the foreign key, for milliseconds.

set local lock_timeout = '5s';

create table public.ai_conversations (
    id text not null default private.uuid_v7()::text,
    user_id uuid not null default auth.uid(),
    title text,
    model text,
    messages jsonb not null default '[]',
    total_tokens bigint not null default 0,
    total_cost numeric not null default 0,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    -- The account is part of the key, because two clients may choose the same id.
    constraint ai_conversations_pkey primary key (id, user_id),
    constraint ai_conversations_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint ai_conversations_id_has_1_to_255_characters_check
        check (char_length(id) between 1 and 255),
    constraint ai_conversations_total_cost_has_at_most_300_decimals_check
        check (scale(total_cost) <= 300),
    constraint ai_conversations_messages_is_array_check check (jsonb_typeof(messages) = 'array'),
    constraint ai_conversations_total_tokens_is_0_to_a_quadrillion_check
        check (total_tokens between 0 and 1000000000000000),
    -- The upper bound excludes NaN and infinity, which compare as greater than every number.
    constraint ai_conversations_total_cost_is_0_to_a_billion_check
        check (total_cost >= 0 and total_cost <= 1000000000),
    constraint ai_conversations_title_is_at_most_500_long_check check (char_length(title) <= 500),
    constraint ai_conversations_model_is_at_most_255_long_check check (char_length(model) <= 255),
    constraint ai_conversations_messages_is_at_most_4096_kb_check
        check (pg_column_size(messages) <= 4194304)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other accounts
-- wrote.
alter table public.ai_conversations
    alter column id set statistics 0,
    alter column title set statistics 0,
    alter column model set statistics 0;

comment on table public.ai_conversations is
    'A chat with all its messages. Only its account reads and writes it.';
comment on column public.ai_conversations.id is
    'Chosen by the client, by default a new uuid as text. Unique per account.';
comment on column public.ai_conversations.user_id is 'The owner: an account, auth.users.id.';
comment on column public.ai_conversations.messages is
    'The messages in order. By convention objects with role and content, which is not checked.';
comment on column public.ai_conversations.total_tokens is
    'Tokens of all messages, as reported by the client. Billing reads ai_usage.';
comment on column public.ai_conversations.total_cost is
    'Cost in US dollars, exact, as reported by the client. Billing reads ai_usage.';

-- Serves "my chats", newest first, and the foreign key.
create index idx_ai_conversations_user_updated
    on public.ai_conversations (user_id, updated_at, id);
-- Serves reports on a period across accounts. Takes a few kilobytes.
create index idx_ai_conversations_created on public.ai_conversations using brin (created_at);
-- Serves "my chats with this model".
create index idx_ai_conversations_user_model on public.ai_conversations (user_id, model);

alter table public.ai_conversations enable row level security;

create function public.update_updated_at()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if new.updated_at = old.updated_at then
        new.updated_at = now();
    end if;
    return new;
end
$$;

comment on function public.update_updated_at() is
    'Trigger function of the AI integration: sets updated_at to the start of the current '
    'transaction, unless the update sets another value, as an import does.';

revoke execute on function public.update_updated_at()
    from public, anon, authenticated, service_role;

create function public.append_to_ai_conversation(
    p_id text,
    p_messages jsonb,
    p_tokens bigint default 0,
    p_cost numeric default 0
)
returns table (
    id text, message_count integer, total_tokens bigint, total_cost numeric, updated_at timestamptz
)
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
begin
    if jsonb_typeof(p_messages) is distinct from 'array' then
        raise exception 'p_messages must be a JSON array, not %',
            coalesce(jsonb_typeof(p_messages), 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_tokens >= 0 and p_cost >= 0 and p_cost < 'infinity') is not true then
        raise exception 'p_tokens and p_cost must be finite and not negative'
            using
                errcode = 'invalid_parameter_value',
                detail = format(
                    'p_tokens is %s, p_cost is %s', coalesce(p_tokens::text, 'null'),
                    coalesce(p_cost::text, 'null')
                );
    end if;
    -- The filters by user_id are for the service role, which bypasses the policies and has no
    -- chats.
    if p_messages = '[]' and p_tokens = 0 and p_cost = 0 then
        return query
        select c.id, jsonb_array_length(c.messages), c.total_tokens, c.total_cost, c.updated_at
        from public.ai_conversations c
        where c.id = p_id and c.user_id = v_account_id;
    else
        return query
        update public.ai_conversations c
        set
            -- Without new messages, keeps the value: Postgres does not write it again.
            messages = case p_messages
                when '[]' then c.messages
                else c.messages || p_messages
            end,
            total_tokens = c.total_tokens + p_tokens,
            total_cost = c.total_cost + p_cost
        where c.id = p_id and c.user_id = v_account_id
        returning
            c.id, jsonb_array_length(c.messages), c.total_tokens, c.total_cost, c.updated_at;
    end if;
    if not found then
        raise exception 'conversation % not found', p_id
            using
                errcode = 'no_data_found',
                hint = 'Insert the conversation first, as the same user.';
    end if;
end
$$;

comment on function public.append_to_ai_conversation(text, jsonb, bigint, numeric) is
    'Appends messages to the caller''s chat, and adds p_tokens and p_cost (US dollars) to its '
    'totals. Returns one row: the number of messages and the new totals. Writes nothing if there '
    'is nothing to add. Atomic, so that concurrent calls lose no message. Fails with P0002 when '
    'the caller has no such chat, with 22023 when p_messages is not an array or a number is '
    'negative, and with 23514 when the chat would become too large.';

revoke execute on function public.append_to_ai_conversation(text, jsonb, bigint, numeric)
    from public, anon, authenticated, service_role;
grant execute on function public.append_to_ai_conversation(text, jsonb, bigint, numeric)
    to authenticated, service_role;

create trigger trigger_ai_conversations_updated_at
    before update on public.ai_conversations
    for each row execute function public.update_updated_at();

create policy ai_conversations_select_self on public.ai_conversations
    for select to authenticated
    using (user_id = (select auth.uid()));

create policy ai_conversations_insert_self on public.ai_conversations
    for insert to authenticated
    with check (user_id = (select auth.uid()));

create policy ai_conversations_update_self on public.ai_conversations
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));

create policy ai_conversations_delete_self on public.ai_conversations
    for delete to authenticated
    using (user_id = (select auth.uid()));

revoke all on table public.ai_conversations from public, anon, authenticated, service_role;
grant select (
    id, user_id, title, model, messages, total_tokens, total_cost, created_at, updated_at
) on table public.ai_conversations to authenticated;
grant delete on table public.ai_conversations to authenticated;
grant insert (
    id, user_id, title, model, messages, total_tokens, total_cost
) on table public.ai_conversations to authenticated;
-- id, too, because an upsert sets every column that it names.
grant update (
    id, title, model, messages, total_tokens, total_cost
) on table public.ai_conversations to authenticated;
grant all on table public.ai_conversations to service_role;
