-- A log of calls to models, with one row per call, and its archive. Only the service role writes
-- it; an account reads its own rows. The maintenance moves old rows to the archive.
--
-- Locks: share row exclusive on auth.users for the foreign key, for milliseconds.

set local lock_timeout = '5s';

create table public.ai_usage (
    id uuid not null default private.uuid_v7(),
    user_id uuid not null default auth.uid(),
    operation_type text not null,
    model text not null,
    tokens_prompt bigint not null default 0,
    tokens_completion bigint not null default 0,
    tokens_total bigint not null,
    cost numeric not null default 0,
    latency_ms integer,
    created_at timestamptz not null default now(),
    constraint ai_usage_pkey primary key (id, user_id),
    constraint ai_usage_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint ai_usage_operation_type_is_not_blank_check check (operation_type ~ '\S'),
    constraint ai_usage_model_is_not_blank_check check (model ~ '\S'),
    -- The upper bounds keep sums over many rows within bigint.
    constraint ai_usage_tokens_prompt_is_0_to_a_billion_check
        check (tokens_prompt between 0 and 1000000000),
    constraint ai_usage_tokens_completion_is_0_to_a_billion_check
        check (tokens_completion between 0 and 1000000000),
    constraint ai_usage_tokens_total_is_sum_check
        check (tokens_total = tokens_prompt + tokens_completion),
    -- The upper bound excludes NaN and infinity, which compare as greater than every number.
    constraint ai_usage_cost_is_0_to_a_billion_check check (cost >= 0 and cost <= 1000000000),
    constraint ai_usage_cost_has_at_most_300_decimals_check check (scale(cost) <= 300),
    constraint ai_usage_latency_ms_is_not_negative_check check (latency_ms >= 0),
    constraint ai_usage_operation_type_is_at_most_100_long_check
        check (char_length(operation_type) <= 100),
    constraint ai_usage_model_is_at_most_255_long_check check (char_length(model) <= 255)
);

comment on table public.ai_usage is
    'One call to a model. An account reads its own rows, which get_usage_stats() sums up. Only the '
    'service role writes.';
comment on column public.ai_usage.user_id is 'The caller of the model: an account, auth.users.id.';
comment on column public.ai_usage.operation_type is
    'Purpose of the call, e.g. chat, embedding, image.';
comment on column public.ai_usage.tokens_total is
    'tokens_prompt + tokens_completion. If omitted, a trigger sets it. A different value fails '
    'with 23514.';
comment on column public.ai_usage.cost is 'Cost in US dollars, exact.';
comment on column public.ai_usage.latency_ms is
    'Duration of the call in milliseconds; null when it was not measured.';

-- Serves get_usage_stats() and the foreign key.
create index idx_ai_usage_user_created on public.ai_usage (user_id, created_at);
-- Serves the archiving of old rows across accounts. An expression for the same reason as
-- idx_conversations_idle.
create index idx_ai_usage_created on public.ai_usage (timezone('utc', created_at));
-- Serve "my calls" of an operation type, or of a model, in a period.
create index idx_ai_usage_user_operation on public.ai_usage (user_id, operation_type, created_at);
create index idx_ai_usage_user_model on public.ai_usage (user_id, model, created_at);

alter table public.ai_usage enable row level security;

create table public.ai_usage_archive (
    id uuid not null,
    user_id uuid not null,
    operation_type text not null,
    model text not null,
    tokens_prompt bigint not null,
    tokens_completion bigint not null,
    tokens_total bigint not null,
    cost numeric not null,
    latency_ms integer,
    created_at timestamptz not null,
    archived_at timestamptz not null default now(),
    constraint ai_usage_archive_pkey primary key (id, user_id),
    constraint ai_usage_archive_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint ai_usage_archive_operation_type_is_not_blank_check
        check (operation_type ~ '\S'),
    constraint ai_usage_archive_model_is_not_blank_check check (model ~ '\S'),
    constraint ai_usage_archive_tokens_prompt_is_0_to_a_billion_check
        check (tokens_prompt between 0 and 1000000000),
    constraint ai_usage_archive_tokens_completion_is_0_to_a_billion_check
        check (tokens_completion between 0 and 1000000000),
    constraint ai_usage_archive_tokens_total_is_sum_check
        check (tokens_total = tokens_prompt + tokens_completion),
    constraint ai_usage_archive_cost_is_0_to_a_billion_check
        check (cost >= 0 and cost <= 1000000000),
    constraint ai_usage_archive_cost_has_at_most_300_decimals_check check (scale(cost) <= 300),
    constraint ai_usage_archive_latency_ms_is_not_negative_check check (latency_ms >= 0),
    constraint ai_usage_archive_operation_type_is_at_most_100_long_check
        check (char_length(operation_type) <= 100),
    constraint ai_usage_archive_model_is_at_most_255_long_check check (char_length(model) <= 255)
);

comment on table public.ai_usage_archive is
    'Rows of ai_usage that are older than 90 days. The maintenance moves them here monthly. Their '
    'id stays the same, and the same account can read them. get_usage_stats() sums up both tables.';
comment on column public.ai_usage_archive.user_id is
    'The caller of the model: an account, auth.users.id.';
comment on column public.ai_usage_archive.tokens_total is
    'tokens_prompt + tokens_completion. If omitted, a trigger sets it. A different value fails '
    'with 23514.';
comment on column public.ai_usage_archive.cost is 'Cost in US dollars, exact.';
comment on column public.ai_usage_archive.latency_ms is
    'Duration of the call in milliseconds; null when it was not measured.';
comment on column public.ai_usage_archive.created_at is 'When the call was made.';
comment on column public.ai_usage_archive.archived_at is 'When the row was moved here.';

-- Serves get_usage_stats() and the foreign key.
create index idx_ai_usage_archive_user_created
    on public.ai_usage_archive (user_id, created_at);

alter table public.ai_usage_archive enable row level security;

create function private.fill_tokens_total()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    new.tokens_total = new.tokens_prompt + new.tokens_completion;
    return new;
end
$$;

comment on function private.fill_tokens_total() is
    'Trigger function: fills tokens_total of a call when the writer leaves it out.';

revoke execute on function private.fill_tokens_total() from public, anon, authenticated;

create function private.refuse_archived_call()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if exists (
        select from public.ai_usage u
        join public.ai_usage_archive a on a.id = u.id and a.user_id = u.user_id
        where u.id = new.id and u.user_id = new.user_id
    ) then
        raise exception 'call % is recorded already', new.id
            using
                errcode = 'unique_violation',
                detail = 'Its id is in ai_usage or in ai_usage_archive.';
    end if;
    return null;
end
$$;

comment on function private.refuse_archived_call() is
    'Trigger function: fails with 23505 when the call is in ai_usage and in ai_usage_archive, so '
    'that each call counts once.';

revoke execute on function private.refuse_archived_call() from public, anon, authenticated;

create function public.get_usage_stats(
    p_user_id uuid default auth.uid(),
    p_start timestamptz default null,
    p_end timestamptz default null
)
returns table (
    operation_type text,
    model text,
    request_count bigint,
    tokens_prompt bigint,
    tokens_completion bigint,
    tokens_total bigint,
    cost numeric,
    average_latency_ms numeric,
    p95_latency_ms numeric
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if p_start > p_end then
        raise exception 'the period ends before it starts'
            using errcode = 'invalid_parameter_value', detail = format('%s to %s', p_start, p_end);
    end if;
    return query
    select
        u.operation_type,
        u.model,
        count(*),
        sum(u.tokens_prompt)::bigint,
        sum(u.tokens_completion)::bigint,
        sum(u.tokens_total)::bigint,
        sum(u.cost),
        round(avg(u.latency_ms), 1),
        round((percentile_cont(0.95) within group (order by u.latency_ms))::numeric, 1)
    from (
        select
            l.user_id, l.operation_type, l.model, l.tokens_prompt, l.tokens_completion,
            l.tokens_total, l.cost, l.latency_ms, l.created_at
        from public.ai_usage l
        union all
        select
            a.user_id, a.operation_type, a.model, a.tokens_prompt, a.tokens_completion,
            a.tokens_total, a.cost, a.latency_ms, a.created_at
        from public.ai_usage_archive a
    ) u
    where
        u.user_id = p_user_id
        and u.created_at >= coalesce(p_start, '-infinity')
        and u.created_at < coalesce(p_end, 'infinity')
    group by u.operation_type, u.model
    order by u.operation_type, u.model;
end
$$;

comment on function public.get_usage_stats(uuid, timestamptz, timestamptz) is
    'Returns an account''s calls by operation type and model: count, tokens, cost in US dollars, '
    'mean and 95th percentile of the latency in milliseconds. From p_start (included) to p_end '
    '(excluded), both optional. p_user_id is the caller by default; only the service role gets '
    'another account''s rows. Fails with 22023 when the period ends before it starts.';

revoke execute on function public.get_usage_stats(uuid, timestamptz, timestamptz)
    from public, anon, authenticated, service_role;
grant execute on function public.get_usage_stats(uuid, timestamptz, timestamptz)
    to authenticated, service_role;

create trigger trigger_ai_usage_fill_total
    before insert on public.ai_usage
    for each row when (new.tokens_total is null)
    execute function private.fill_tokens_total();

-- An unchanged total means that the update left it out.
create trigger trigger_ai_usage_refill_total
    before update of tokens_prompt, tokens_completion, tokens_total on public.ai_usage
    for each row when (
        new.tokens_total is null
        or (
            new.tokens_total = old.tokens_total
            and new.tokens_total <> new.tokens_prompt + new.tokens_completion
        )
    )
    execute function private.fill_tokens_total();

create trigger trigger_ai_usage_archive_fill_total
    before insert on public.ai_usage_archive
    for each row when (new.tokens_total is null)
    execute function private.fill_tokens_total();

-- An unchanged total means that the update left it out.
create trigger trigger_ai_usage_archive_refill_total
    before update of tokens_prompt, tokens_completion, tokens_total on public.ai_usage_archive
    for each row when (
        new.tokens_total is null
        or (
            new.tokens_total = old.tokens_total
            and new.tokens_total <> new.tokens_prompt + new.tokens_completion
        )
    )
    execute function private.fill_tokens_total();

-- After the insert, because the unique check of the key has then waited for any concurrent move to
-- the archive.
create trigger trigger_ai_usage_refuse_archived
    after insert on public.ai_usage
    for each row execute function private.refuse_archived_call();

create trigger trigger_ai_usage_archive_refuse_archived
    after insert on public.ai_usage_archive
    for each row execute function private.refuse_archived_call();

create policy ai_usage_select_self on public.ai_usage
    for select to authenticated
    using (user_id = (select auth.uid()));

create policy ai_usage_archive_select_self on public.ai_usage_archive
    for select to authenticated
    using (user_id = (select auth.uid()));

revoke all on table public.ai_usage from public, anon, authenticated, service_role;
grant select (
    id, user_id, operation_type, model, tokens_prompt, tokens_completion, tokens_total, cost,
    latency_ms, created_at
) on table public.ai_usage to authenticated;
grant all on table public.ai_usage to service_role;

revoke all on table public.ai_usage_archive from public, anon, authenticated, service_role;
grant select (
    id, user_id, operation_type, model, tokens_prompt, tokens_completion, tokens_total, cost,
    latency_ms, created_at, archived_at
) on table public.ai_usage_archive to authenticated;
grant all on table public.ai_usage_archive to service_role;
