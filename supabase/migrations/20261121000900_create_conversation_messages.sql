-- Messages of the creative director's sessions, between the account, the director and its tools. A
-- message always has the account, the brand and the tenant of its session.
--
-- Locks: share row exclusive on conversation_sessions and auth.users for the foreign keys, for
-- milliseconds.

set local lock_timeout = '5s';

create table public.conversation_messages (
    id uuid not null default private.uuid_v7(),
    session_id uuid not null,
    brand_id uuid not null,
    tenant_id uuid not null default private.current_tenant_id(),
    user_id uuid not null default auth.uid(),
    role text not null,
    content text not null,
    tokens_used integer,
    model_used text,
    provider text,
    cost_usd numeric,
    latency_ms integer,
    action_taken text,
    questions_asked jsonb not null default '[]',
    delegation_plan jsonb not null default '{}',
    position integer not null default 0,
    written_by text not null default case when auth.uid() is null then 'service' else 'member' end,
    created_at timestamptz not null default now(),
    constraint conversation_messages_pkey primary key (id, user_id),
    constraint conversation_messages_session_id_fkey foreign key (session_id, user_id)
        references public.conversation_sessions (id, user_id) on delete cascade,
    constraint conversation_messages_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint conversation_messages_role_is_known_check
        check (role in ('user', 'assistant', 'system', 'tool')),
    constraint conversation_messages_tokens_used_is_not_negative_check check (tokens_used >= 0),
    -- The upper bound excludes NaN and infinity, which compare as greater than every number.
    constraint conversation_messages_cost_usd_is_0_to_a_billion_check
        check (cost_usd >= 0 and cost_usd <= 1000000000),
    constraint conversation_messages_cost_usd_has_at_most_300_decimals_check
        check (scale(cost_usd) <= 300),
    constraint conversation_messages_latency_ms_is_not_negative_check check (latency_ms >= 0),
    constraint conversation_messages_written_by_is_known_check
        check (written_by in ('member', 'service')),
    constraint conversation_messages_position_is_positive_check check (position > 0),
    constraint conversation_messages_questions_asked_is_array_check
        check (jsonb_typeof(questions_asked) = 'array'),
    constraint conversation_messages_delegation_plan_is_object_check
        check (jsonb_typeof(delegation_plan) = 'object'),
    constraint conversation_messages_content_is_at_most_1024_kb_check
        check (octet_length(content) <= 1048576),
    constraint conversation_messages_model_used_is_at_most_255_long_check
        check (char_length(model_used) <= 255),
    constraint conversation_messages_provider_is_at_most_100_long_check
        check (char_length(provider) <= 100),
    constraint conversation_messages_action_taken_is_at_most_1000_long_check
        check (char_length(action_taken) <= 1000),
    constraint conversation_messages_questions_asked_is_at_most_256_kb_check
        check (pg_column_size(questions_asked) <= 262144),
    constraint conversation_messages_delegation_plan_is_at_most_256_kb_check
        check (pg_column_size(delegation_plan) <= 262144)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other accounts
-- wrote.
alter table public.conversation_messages
    alter column content set statistics 0,
    alter column model_used set statistics 0,
    alter column provider set statistics 0,
    alter column action_taken set statistics 0;

comment on table public.conversation_messages is
    'One message of a session. Only the account of the session sees it.';
comment on column public.conversation_messages.brand_id is
    'The session''s brand. If omitted, a trigger sets it. A different value fails with 23503.';
comment on column public.conversation_messages.tenant_id is
    'The session''s tenant. If omitted, a trigger sets it. A different value fails with 23503.';
comment on column public.conversation_messages.user_id is
    'The session''s account, auth.users.id. If omitted, a trigger sets it. A different value '
    'fails with 23503.';
comment on column public.conversation_messages.role is
    'The author: user, assistant, system or tool (the result of a tool call).';
comment on column public.conversation_messages.provider is
    'The provider of the model, e.g. openai. API keys are never stored here.';
comment on column public.conversation_messages.cost_usd is 'Cost in US dollars, exact.';
comment on column public.conversation_messages.latency_ms is
    'Response time of the model in milliseconds; null for messages of people.';
comment on column public.conversation_messages.action_taken is
    'Action of the director, e.g. ask, delegate, deliver.';
comment on column public.conversation_messages.questions_asked is
    'Questions that this message asks the user.';
comment on column public.conversation_messages.delegation_plan is
    'Tasks by agent; empty when nothing is delegated.';
comment on column public.conversation_messages.written_by is
    'Who inserted the row: member (the session''s account) or service (the backend). The member '
    'can change and delete only rows of the member. Deleting the whole session deletes all rows.';
comment on column public.conversation_messages.position is
    'Order in the session, from 1. For 0, the default, a trigger sets the next one, so that rows '
    'of one insert keep their order. Two concurrent inserts can get the same position; then the '
    'id decides.';

-- Serves get_conversation_history() and the foreign key of the session.
create index idx_conversation_messages_session_created
    on public.conversation_messages (session_id, user_id, position, id);
-- Serves get_session_cost() by an index-only scan.
create index idx_conversation_messages_session_cost
    on public.conversation_messages (session_id, user_id, tenant_id) include (cost_usd)
    where cost_usd is not null;
-- Serves daily_message_volume and the foreign key of the account.
create index idx_conversation_messages_user_created
    on public.conversation_messages (user_id, created_at);
-- Serves provider_usage_stats.
create index idx_conversation_messages_user_provider
    on public.conversation_messages (user_id, provider, model_used) where provider is not null;
-- Serves the cost of a brand, across accounts.
create index idx_conversation_messages_brand_created
    on public.conversation_messages (brand_id, tenant_id, created_at);
-- Serves the delegated steps of a session, of which there are few.
create index idx_conversation_messages_delegated
    on public.conversation_messages (session_id, user_id, created_at)
    where delegation_plan <> '{}';
-- Serves reports on a period across accounts. Takes a few kilobytes for millions of rows.
create index idx_conversation_messages_created
    on public.conversation_messages using brin (created_at);

alter table public.conversation_messages enable row level security;

create function private.fill_message_from_session()
returns trigger
language plpgsql
-- Definer: the policies of sessions would cost more than the look-up.
security definer
set search_path = ''
-- The plan is made while the table is small, and kept: without this, each row of a large insert
-- reads all rows before it.
set enable_seqscan = off
as $$
declare
    v_account_id uuid = auth.uid();
    v_session public.conversation_sessions;
begin
    if new.user_id is null then
        -- The service role may leave user_id out. It is then taken from the session. If two
        -- accounts have a session with this id, the insert fails with 21000.
        new.user_id = (
            select s.user_id from public.conversation_sessions s where s.id = new.session_id
        );
    end if;
    -- A signed-in caller finds only their own sessions. Another account's session and an unknown id
    -- fail in the same way.
    select s.* into v_session
    from public.conversation_sessions s
    where
        s.id = new.session_id
        and s.user_id = coalesce(v_account_id, new.user_id)
        and (v_account_id is null or s.tenant_id = private.current_tenant_id());
    if not found then
        raise exception 'session % not found', new.session_id
            using errcode = 'foreign_key_violation';
    end if;
    new.brand_id = coalesce(new.brand_id, v_session.brand_id);
    new.tenant_id = coalesce(new.tenant_id, v_session.tenant_id);
    if (new.user_id, new.brand_id, new.tenant_id)
        <> (v_session.user_id, v_session.brand_id, v_session.tenant_id)
    then
        raise exception 'user_id, brand_id and tenant_id must be those of the session'
            using errcode = 'foreign_key_violation';
    end if;
    if new.position = 0 then
        new.position = 1 + coalesce(
            (
                select m.position
                from public.conversation_messages m
                where m.session_id = new.session_id and m.user_id = new.user_id
                order by m.position desc
                limit 1
            ),
            0
        );
    end if;
    return new;
end
$$;

comment on function private.fill_message_from_session() is
    'Trigger function: fills user_id, brand_id, tenant_id and position of a message. Fails '
    'with 23503 when the session is unknown, or when a given value differs from the session''s.';

revoke execute on function private.fill_message_from_session() from public, anon, authenticated;

create function public.update_session_on_message()
returns trigger
language plpgsql
-- Definer: the policy of messages has already checked the caller. Checking again would cost time.
security definer
set search_path = ''
as $$
declare
    v_finished uuid;
begin
    -- The lock makes a new message and a concurrent end of its session wait for each other. In the
    -- order of the ids, so that two statements never wait for each other.
    perform
    from public.conversation_sessions s
    where (s.id, s.user_id) in (select n.session_id, n.user_id from new_messages n)
    order by s.id, s.user_id
    for no key update;
    -- Updates the row once per transaction. An imported message keeps its own time.
    update public.conversation_sessions s
    set last_activity_at = n.newest
    from (
        select n.session_id, n.user_id, max(n.created_at) as newest
        from new_messages n
        group by n.session_id, n.user_id
    ) n
    where s.id = n.session_id and s.user_id = n.user_id and s.last_activity_at < n.newest;
    select s.id
    into v_finished
    from public.conversation_sessions s
    where
        (s.id, s.user_id) in (select n.session_id, n.user_id from new_messages n)
        and s.completed_at is not null
    limit 1;
    if found then
        raise exception 'session % is finished and accepts no more messages', v_finished
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    return null;
end
$$;

comment on function public.update_session_on_message() is
    'Trigger function: new messages set last_activity_at of their sessions. Fails with 55000 when '
    'a session is finished.';

revoke execute on function public.update_session_on_message()
    from public, anon, authenticated, service_role;

create function private.refuse_change_of_finished_session()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    -- The lock makes the change and a concurrent end of the session wait for each other.
    perform
    from public.conversation_sessions s
    where s.id = old.session_id and s.user_id = old.user_id and s.completed_at is null
    for share;
    if not found then
        raise exception 'session % is finished, and its messages are final', old.session_id
            using
                errcode = 'object_not_in_prerequisite_state',
                hint = 'Delete the whole session instead.';
    end if;
    return coalesce(new, old);
end
$$;

comment on function private.refuse_change_of_finished_session() is
    'Trigger function: refuses to change or delete a message of a finished session (55000).';

revoke execute on function private.refuse_change_of_finished_session()
    from public, anon, authenticated;

create function public.get_conversation_history(p_session_id uuid, p_limit integer default 50)
returns setof public.conversation_messages
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if (p_limit between 1 and 1000) is not true then
        raise exception 'p_limit must be between 1 and 1000, not %', coalesce(p_limit::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    return query
    select h.*
    from (
        select m.*
        from public.conversation_messages m
        where m.session_id = p_session_id
        order by m.position desc, m.id desc
        limit p_limit
    ) h
    order by h.position, h.id;
end
$$;

comment on function public.get_conversation_history(uuid, integer) is
    'Returns the newest p_limit messages of the caller''s session, oldest first. Fails with 22023 '
    'when p_limit is not between 1 and 1000.';

revoke execute on function public.get_conversation_history(uuid, integer)
    from public, anon, authenticated, service_role;
grant execute on function public.get_conversation_history(uuid, integer)
    to authenticated, service_role;

create function public.get_session_cost(p_session_id uuid)
returns numeric
-- In plpgsql, because Postgres would plan a SQL function again in each statement. That made a call
-- three times slower.
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_cost numeric;
begin
    select coalesce(sum(m.cost_usd), 0)
    into v_cost
    from public.conversation_messages m
    where m.session_id = p_session_id and m.cost_usd is not null;
    return v_cost;
end
$$;

comment on function public.get_session_cost(uuid) is
    'Returns the cost of the caller''s session in US dollars; 0 for an unknown session or one '
    'without messages.';

revoke execute on function public.get_session_cost(uuid)
    from public, anon, authenticated, service_role;
grant execute on function public.get_session_cost(uuid) to authenticated, service_role;

create function public.get_session_message_stats(p_session_id uuid)
returns table (
    total_messages bigint,
    user_messages bigint,
    assistant_messages bigint,
    system_messages bigint,
    tool_messages bigint,
    total_tokens bigint,
    total_cost_usd numeric,
    average_latency_ms numeric,
    first_message_at timestamptz,
    last_message_at timestamptz
)
-- In plpgsql, so that Postgres keeps the plan.
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query
    select
        count(*),
        count(*) filter (where m.role = 'user'),
        count(*) filter (where m.role = 'assistant'),
        count(*) filter (where m.role = 'system'),
        count(*) filter (where m.role = 'tool'),
        coalesce(sum(m.tokens_used), 0)::bigint,
        coalesce(sum(m.cost_usd), 0),
        round(avg(m.latency_ms), 1),
        min(m.created_at),
        max(m.created_at)
    from public.conversation_messages m
    where m.session_id = p_session_id;
end
$$;

comment on function public.get_session_message_stats(uuid) is
    'Returns one row about the messages of the caller''s session: counts by role, tokens, cost in '
    'US dollars, mean latency in milliseconds, first and last time. Without messages, counts and '
    'sums are 0, the rest null.';

revoke execute on function public.get_session_message_stats(uuid)
    from public, anon, authenticated, service_role;
grant execute on function public.get_session_message_stats(uuid) to authenticated, service_role;

create trigger trigger_conversation_messages_fill
    before insert or update of session_id, brand_id, tenant_id, user_id
    on public.conversation_messages
    for each row execute function private.fill_message_from_session();

create trigger trigger_conversation_messages_update_session
    after insert on public.conversation_messages
    referencing new table as new_messages
    for each statement execute function public.update_session_on_message();

-- Deletes that cascade from a session, a brand or an account run as the owner, who passes.
create trigger trigger_conversation_messages_refuse_change
    before update or delete on public.conversation_messages
    for each row when (current_user in ('authenticated', 'service_role'))
    execute function private.refuse_change_of_finished_session();

create view public.provider_usage_stats
with (security_invoker = true)
as
select
    m.provider,
    m.model_used,
    count(*) as message_count,
    coalesce(sum(m.tokens_used), 0)::bigint as total_tokens,
    coalesce(sum(m.cost_usd), 0) as total_cost_usd,
    round(avg(m.latency_ms), 1) as average_latency_ms,
    min(m.created_at) as first_used_at,
    max(m.created_at) as last_used_at
from public.conversation_messages m
where m.provider is not null
group by m.provider, m.model_used;

comment on view public.provider_usage_stats is
    'The caller''s messages in all sessions, by provider and model: count, tokens, cost in US '
    'dollars and mean latency in milliseconds.';

create view public.daily_message_volume
with (security_invoker = true)
as
select
    (m.created_at at time zone 'utc')::date as day,
    count(*) as message_count,
    count(distinct m.session_id) as session_count,
    coalesce(sum(m.tokens_used), 0)::bigint as total_tokens,
    coalesce(sum(m.cost_usd), 0) as total_cost_usd
from public.conversation_messages m
group by (m.created_at at time zone 'utc')::date;

comment on view public.daily_message_volume is
    'The caller''s messages in all sessions, by day (UTC): count, number of sessions, tokens and '
    'cost in US dollars.';

create policy conversation_messages_select_self on public.conversation_messages
    for select to authenticated
    using (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    );

create policy conversation_messages_insert_self on public.conversation_messages
    for insert to authenticated
    with check (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    );

create policy conversation_messages_update_self on public.conversation_messages
    for update to authenticated
    using (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
        and written_by = 'member'
    )
    with check (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
        and written_by = 'member'
    );

create policy conversation_messages_delete_self on public.conversation_messages
    for delete to authenticated
    using (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
        and written_by = 'member'
    );

revoke all on table public.conversation_messages from public, anon, authenticated, service_role;
grant select (
    id, session_id, brand_id, tenant_id, user_id, role, content, tokens_used, model_used,
    provider, cost_usd, latency_ms, action_taken, questions_asked, delegation_plan,
    position, written_by, created_at
) on table public.conversation_messages to authenticated;
grant delete on table public.conversation_messages to authenticated;
grant insert (
    session_id, brand_id, tenant_id, user_id, role, content, tokens_used, model_used, provider,
    cost_usd, latency_ms, action_taken, questions_asked, delegation_plan
) on table public.conversation_messages to authenticated;
grant update (
    content, tokens_used, model_used, provider, cost_usd, latency_ms, action_taken, questions_asked,
    delegation_plan
) on table public.conversation_messages to authenticated;
grant all on table public.conversation_messages to service_role;

revoke all on table public.provider_usage_stats from public, anon, authenticated, service_role;
grant select on table public.provider_usage_stats to authenticated, service_role;

revoke all on table public.daily_message_volume from public, anon, authenticated, service_role;
grant select on table public.daily_message_volume to authenticated, service_role;
