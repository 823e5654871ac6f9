-- Usage: tokens, requests and cost per member and day. Only the service role writes it, by one
-- atomic upsert per request. The rows are billing records, so a member who has some cannot be
-- deleted.
--
-- Locks: share row exclusive on users for the foreign key and the trigger, for milliseconds.

set local lock_timeout = '5s';

create table public.usage_metrics (
    id uuid not null default private.uuid_v7(),
    tenant_id uuid not null default private.current_tenant_id(),
    user_id uuid not null default private.current_user_id(),
    date date not null default (now() at time zone 'utc')::date,
    prompt_tokens bigint not null default 0,
    completion_tokens bigint not null default 0,
    total_tokens bigint not null,
    request_count bigint not null default 0,
    estimated_cost numeric not null default 0,
    created_at timestamptz not null default now(),
    constraint usage_metrics_pkey primary key (id, tenant_id),
    constraint usage_metrics_tenant_id_user_id_date_key unique (tenant_id, user_id, date),
    -- Deleting a tenant deletes its usage. In all other cases the trigger
    -- trigger_users_refuse_delete_of_billed refuses to delete the user.
    constraint usage_metrics_user_id_fkey foreign key (user_id, tenant_id)
        references public.users (id, tenant_id) on delete cascade,
    constraint usage_metrics_date_is_1900_to_2999_check
        check (date >= '1900-01-01' and date < '3000-01-01'),
    -- The upper bounds keep sums over many rows within bigint.
    constraint usage_metrics_prompt_tokens_is_0_to_a_trillion_check
        check (prompt_tokens between 0 and 1000000000000),
    constraint usage_metrics_completion_tokens_is_0_to_a_trillion_check
        check (completion_tokens between 0 and 1000000000000),
    constraint usage_metrics_total_tokens_is_sum_check
        check (total_tokens = prompt_tokens + completion_tokens),
    constraint usage_metrics_estimated_cost_has_at_most_300_decimals_check
        check (scale(estimated_cost) <= 300),
    constraint usage_metrics_request_count_is_0_to_a_trillion_check
        check (request_count between 0 and 1000000000000),
    -- The upper bound excludes NaN and infinity, which compare as greater than every number.
    constraint usage_metrics_estimated_cost_is_0_to_a_billion_check
        check (estimated_cost >= 0 and estimated_cost <= 1000000000)
)
-- Leaves room on each page, so that counter updates stay heap-only (HOT).
with (fillfactor = 70);

comment on table public.usage_metrics is
    'Usage of one member on one day. Owners and admins read the tenant''s rows, others their own. '
    'Only the service role writes, normally through increment_usage_metrics().';
comment on column public.usage_metrics.user_id is 'The member: a membership, users.id.';
comment on column public.usage_metrics.date is 'The day in UTC.';
comment on column public.usage_metrics.total_tokens is
    'prompt_tokens + completion_tokens. If omitted, a trigger sets it. A different value fails '
    'with 23514.';
comment on column public.usage_metrics.estimated_cost is
    'Cost in US dollars. numeric, so that sums of small prices have no rounding errors.';

-- No index contains a counter, because each increment would have to update the index.
-- Serves "my usage" and the foreign key.
create index idx_usage_metrics_user on public.usage_metrics (user_id, tenant_id, date);
-- Serves the tenant's month.
create index idx_usage_metrics_tenant_date on public.usage_metrics (tenant_id, date);
-- Serves one day across tenants: today's usage and the report. BRIN, because rows arrive day by
-- day. With few tenants, the planner read a tenant's month from a B-tree, past the rows of all
-- others.
create index idx_usage_metrics_date on public.usage_metrics using brin (date);
-- Serves reconciliation with a provider's invoice, by creation time. Takes a few kilobytes.
create index idx_usage_metrics_created on public.usage_metrics using brin (created_at);
-- Serves pages in the order of the ids, for the same reason as idx_conversations_tenant_id.
create index idx_usage_metrics_tenant_id on public.usage_metrics (tenant_id, id);

alter table public.usage_metrics enable row level security;

create materialized view public.monthly_usage_summary as
select
    u.tenant_id,
    u.user_id,
    date_trunc('month', u.date::timestamp)::date as month,
    sum(u.prompt_tokens)::bigint as prompt_tokens,
    sum(u.completion_tokens)::bigint as completion_tokens,
    sum(u.total_tokens)::bigint as total_tokens,
    sum(u.request_count)::bigint as request_count,
    sum(u.estimated_cost) as estimated_cost,
    count(*) as active_days
from public.usage_metrics u
group by u.tenant_id, u.user_id, date_trunc('month', u.date::timestamp)::date;

comment on materialized view public.monthly_usage_summary is
    'Usage per member and month of all tenants, as of the last refresh. Callers read it through '
    'get_monthly_usage_summary(), because policies do not apply to a materialized view.';
comment on column public.monthly_usage_summary.month is 'The first day of the month (UTC).';
comment on column public.monthly_usage_summary.active_days is 'Number of days with usage.';

-- The unique index allows `refresh … concurrently` and serves the function. Creating it blocks
-- nobody, because the view is new in this transaction.
-- squawk-ignore require-concurrent-index-creation
create unique index idx_monthly_usage_summary_tenant
    on public.monthly_usage_summary (tenant_id, user_id, month);

create function public.increment_usage_metrics(
    p_tenant_id uuid,
    p_user_id uuid,
    p_date date,
    p_prompt_tokens integer,
    p_completion_tokens integer,
    p_cost numeric
)
returns public.usage_metrics
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_row public.usage_metrics;
begin
    if (p_date >= '1900-01-01' and p_date < '3000-01-01') is not true then
        raise exception 'p_date must be between 1900-01-01 and 2999-12-31, not %',
            coalesce(p_date::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_prompt_tokens >= 0 and p_completion_tokens >= 0 and p_cost >= 0 and p_cost <= 1000000000)
        is not true
    then
        raise exception 'tokens must not be negative, and cost must be between 0 and 1000000000'
            using
                errcode = 'invalid_parameter_value',
                detail = format(
                    'p_prompt_tokens is %s, p_completion_tokens is %s, p_cost is %s',
                    coalesce(p_prompt_tokens::text, 'null'),
                    coalesce(p_completion_tokens::text, 'null'),
                    coalesce(p_cost::text, 'null')
                );
    end if;
    insert into public.usage_metrics as u (
        tenant_id, user_id, date, prompt_tokens, completion_tokens, total_tokens, request_count,
        estimated_cost
    )
    values (
        p_tenant_id, p_user_id, p_date, p_prompt_tokens, p_completion_tokens,
        p_prompt_tokens::bigint + p_completion_tokens, 1, p_cost
    )
    on conflict (tenant_id, user_id, date) do update set
        prompt_tokens = u.prompt_tokens + excluded.prompt_tokens,
        completion_tokens = u.completion_tokens + excluded.completion_tokens,
        total_tokens = u.total_tokens + excluded.total_tokens,
        request_count = u.request_count + 1,
        estimated_cost = u.estimated_cost + excluded.estimated_cost
    returning * into v_row;
    return v_row;
end
$$;

comment on function public.increment_usage_metrics(uuid, uuid, date, integer, integer, numeric) is
    'Adds one request to a member''s usage of a day and returns the row of that day. One atomic '
    'statement; only the service role may call it. p_cost is in US dollars. Fails with 22023 when '
    'an argument is missing or out of range, and with 23503 when the tenant has no such member.';

revoke execute
    on function public.increment_usage_metrics(uuid, uuid, date, integer, integer, numeric)
    from public, anon, authenticated, service_role;
grant execute
    on function public.increment_usage_metrics(uuid, uuid, date, integer, integer, numeric)
    to service_role;

create function private.is_populated(p_view regclass)
returns boolean
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return (select c.relispopulated from pg_catalog.pg_class c where c.oid = p_view);
end
$$;

comment on function private.is_populated(regclass) is
    'Returns false for a materialized view that was restored without data and not refreshed since.';

revoke execute on function private.is_populated(regclass) from public, anon, authenticated;

create function private.monthly_usage_summary_of_caller(p_from date, p_to date)
returns setof public.monthly_usage_summary
language plpgsql
stable
-- Definer: callers have no grant on the materialized view. The query filters by the same condition
-- as the policy of usage_metrics.
security definer
set search_path = ''
as $$
declare
    v_tenant_id uuid = private.current_tenant_id();
    v_user_id uuid = private.current_user_id();
    v_is_admin boolean = private.is_tenant_admin();
    v_first_month date = date_trunc('month', p_from::timestamp)::date;
    -- Two months are computed live: the current one, and the one before, because its last rows may
    -- be newer than the last refresh.
    v_first_live_month date = date_trunc('month', now() at time zone 'utc' - interval '1 month');
begin
    if p_from > p_to then
        raise exception 'the period ends before it starts'
            using errcode = 'invalid_parameter_value', detail = format('%s to %s', p_from, p_to);
    end if;
    if private.is_populated('public.monthly_usage_summary') then
        return query
        select s.*
        from public.monthly_usage_summary s
        where
            s.tenant_id = v_tenant_id
            and (v_is_admin or s.user_id = v_user_id)
            and s.month < v_first_live_month
            and (p_from is null or s.month >= v_first_month)
            and (p_to is null or s.month <= p_to);
    else
        -- All months are computed from usage_metrics until the next refresh.
        v_first_live_month = '-infinity';
    end if;
    return query
    select
        u.tenant_id,
        u.user_id,
        date_trunc('month', u.date::timestamp)::date,
        sum(u.prompt_tokens)::bigint,
        sum(u.completion_tokens)::bigint,
        sum(u.total_tokens)::bigint,
        sum(u.request_count)::bigint,
        sum(u.estimated_cost),
        count(*)
    from public.usage_metrics u
    where
        u.tenant_id = v_tenant_id
        and (v_is_admin or u.user_id = v_user_id)
        and u.date >= v_first_live_month
        and (p_from is null or u.date >= v_first_month)
        and (p_to is null or u.date < date_trunc('month', p_to::timestamp) + interval '1 month')
    group by u.tenant_id, u.user_id, date_trunc('month', u.date::timestamp)::date;
end
$$;

comment on function private.monthly_usage_summary_of_caller(date, date) is
    'Returns the rows of monthly_usage_summary that the caller may read. The last two months are '
    'live.';

revoke execute on function private.monthly_usage_summary_of_caller(date, date)
    from public, anon, authenticated;
grant execute on function private.monthly_usage_summary_of_caller(date, date)
    to authenticated, service_role;

create function public.get_monthly_usage_summary(p_from date default null, p_to date default null)
returns table (
    user_id uuid,
    month date,
    prompt_tokens bigint,
    completion_tokens bigint,
    total_tokens bigint,
    request_count bigint,
    estimated_cost numeric,
    active_days bigint
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query
    select
        s.user_id,
        s.month,
        s.prompt_tokens,
        s.completion_tokens,
        s.total_tokens,
        s.request_count,
        s.estimated_cost,
        s.active_days
    from private.monthly_usage_summary_of_caller(p_from, p_to) s;
end
$$;

comment on function public.get_monthly_usage_summary(date, date) is
    'Returns usage per member and month: the tenant''s for owners and admins, the caller''s own '
    'for others. Months from p_from to p_to, both included and both optional. The current month '
    'and the one before are live. Fails with 22023 when the period ends before it starts.';

revoke execute on function public.get_monthly_usage_summary(date, date)
    from public, anon, authenticated, service_role;
grant execute on function public.get_monthly_usage_summary(date, date)
    to authenticated, service_role;

create function private.fill_total_tokens()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    new.total_tokens = new.prompt_tokens + new.completion_tokens;
    return new;
end
$$;

comment on function private.fill_total_tokens() is
    'Trigger function: fills total_tokens of a usage row when the writer leaves it out.';

revoke execute on function private.fill_total_tokens() from public, anon, authenticated;

create function private.refuse_delete_of_billed_user()
returns trigger
language plpgsql
-- Definer: a caller who may delete a user need not be able to read their usage.
security definer
set search_path = ''
as $$
begin
    -- When the whole tenant is deleted, its row is already gone here.
    if exists (select from public.tenants t where t.id = old.tenant_id)
        and exists (
            select
            from public.usage_metrics u
            where u.tenant_id = old.tenant_id and u.user_id = old.id
        )
    then
        raise exception 'cannot delete user %: their usage is kept for billing', old.id
            using
                errcode = 'foreign_key_violation',
                hint = 'Deactivate the user instead: update users set is_active = false.',
                schema = 'public',
                table = 'usage_metrics',
                constraint = 'usage_metrics_user_id_fkey';
    end if;
    return old;
end
$$;

comment on function private.refuse_delete_of_billed_user() is
    'Trigger function: fails with 23503 when a user who has usage is deleted, except together with '
    'the tenant.';

revoke execute on function private.refuse_delete_of_billed_user() from public, anon, authenticated;

create trigger trigger_users_refuse_delete_of_billed
    before delete on public.users
    for each row execute function private.refuse_delete_of_billed_user();

create trigger trigger_usage_metrics_fill_tenant
    before insert on public.usage_metrics
    for each row when (new.tenant_id is null)
    execute function private.fill_tenant_from_user();

create trigger trigger_usage_metrics_fill_total
    before insert on public.usage_metrics
    for each row when (new.total_tokens is null)
    execute function private.fill_total_tokens();

-- An unchanged total means that the update left it out.
create trigger trigger_usage_metrics_refill_total
    before update of prompt_tokens, completion_tokens, total_tokens on public.usage_metrics
    for each row when (
        new.total_tokens is null
        or (
            new.total_tokens = old.total_tokens
            and new.total_tokens <> new.prompt_tokens + new.completion_tokens
        )
    )
    execute function private.fill_total_tokens();

create view public.current_day_usage
with (security_invoker = true)
as
select
    u.id,
    u.tenant_id,
    u.user_id,
    u.date,
    u.prompt_tokens,
    u.completion_tokens,
    u.total_tokens,
    u.request_count,
    u.estimated_cost,
    u.created_at
from public.usage_metrics u
where u.date = (now() at time zone 'utc')::date;

comment on view public.current_day_usage is
    'Today''s rows (UTC) of usage_metrics that the caller may read.';

create policy usage_metrics_select_self_or_admin on public.usage_metrics
    for select to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and (
            user_id = (select private.current_user_id())
            or (select private.is_tenant_admin())
        )
    );

-- The service role bypasses policies. These two document that only it may write.
create policy usage_metrics_insert_service on public.usage_metrics
    for insert to service_role
    with check (true);

create policy usage_metrics_update_service on public.usage_metrics
    for update to service_role
    using (true)
    with check (true);

revoke all on table public.usage_metrics from public, anon, authenticated, service_role;
grant select (
    id, tenant_id, user_id, date, prompt_tokens, completion_tokens, total_tokens, request_count,
    estimated_cost, created_at
) on table public.usage_metrics to authenticated;
grant all on table public.usage_metrics to service_role;

revoke all on table public.current_day_usage from public, anon, authenticated, service_role;
grant select on table public.current_day_usage to authenticated, service_role;

revoke all on table public.monthly_usage_summary from public, anon, authenticated, service_role;
grant select on table public.monthly_usage_summary to service_role;
