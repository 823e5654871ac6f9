-- The tasks of the daily and the monthly maintenance. `npm run db:maintain` runs them from outside.
--
--     daily    refreshes both summaries, records the sizes of all tables
--     monthly  archives idle conversations, deletes finished sessions, moves old ai_usage, and
--              deletes the tenants that are due for it
--
-- The monthly tasks work in batches of one statement each. An interrupted batch is rolled back as a
-- whole, and the next run continues from there.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create view private.idle_conversations
with (security_invoker = true)
as
select c.id, c.tenant_id, c.updated_at
from public.conversations c
where
    not c.is_archived
    -- Must be the expression of the index, or the planner does not use it.
    and c.updated_at at time zone 'utc' < (now() at time zone 'utc') - interval '6 months';

comment on view private.idle_conversations is
    'Conversations that are due for archiving: no change and no message for 6 months.';

create view private.finished_sessions
with (security_invoker = true)
as
select s.id, s.user_id, s.completed_at
from public.conversation_sessions s
where
    s.completed_at is not null
    -- Must be the expression of the index, or the planner does not use it.
    and s.completed_at at time zone 'utc' < (now() at time zone 'utc') - interval '90 days';

comment on view private.finished_sessions is
    'Sessions that are due for deletion: delivered or cancelled more than 90 days ago.';

create view private.old_ai_usage
with (security_invoker = true)
as
select u.id, u.user_id, u.created_at
from public.ai_usage u
where
    -- Must be the expression of the index, or the planner does not use it.
    u.created_at at time zone 'utc' < (now() at time zone 'utc') - interval '90 days'
    -- A call that is in the archive already must not stop the others.
    and not exists (
        select from public.ai_usage_archive a where a.id = u.id and a.user_id = u.user_id
    );

comment on view private.old_ai_usage is
    'Rows of ai_usage that are due for the archive: older than 90 days.';

create view private.tenants_to_delete
with (security_invoker = true)
as
select t.id, t.delete_after
from public.tenants t
where t.delete_after is not null and t.delete_after < now();

comment on view private.tenants_to_delete is 'Tenants whose delete_after has passed.';

create function private.maintenance_tasks(p_period text)
returns text[]
language plpgsql
immutable
parallel safe
security invoker
set search_path = ''
as $$
begin
    if p_period = 'daily' then
        return array[
            'refresh message_feedback_summary', 'refresh monthly_usage_summary', 'record sizes'
        ];
    elsif p_period = 'monthly' then
        return array[
            'archive idle conversations', 'delete finished sessions', 'move old ai_usage',
            'delete tenants'
        ];
    end if;
    raise exception 'unknown maintenance period: %', coalesce(p_period, 'null')
        using errcode = 'invalid_parameter_value', hint = 'Use daily or monthly.';
end
$$;

comment on function private.maintenance_tasks(text) is
    'Returns the tasks of a period (daily or monthly) in the order in which they run. Fails with '
    '22023 for another period.';

revoke execute on function private.maintenance_tasks(text) from public, anon, authenticated;

create function private.archive_idle_conversations(p_limit integer default 10000)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_rows bigint;
begin
    -- Skips locked rows: a conversation that somebody is writing to is no longer idle.
    with due as materialized (
        select i.id, i.tenant_id
        from private.idle_conversations i
        order by i.updated_at at time zone 'utc'
        limit p_limit
        for no key update skip locked
    )
    update public.conversations c
    set is_archived = true
    from due
    where c.id = due.id and c.tenant_id = due.tenant_id;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.archive_idle_conversations(integer) is
    'Archives at most p_limit conversations that have been idle for 6 months, oldest first, and '
    'returns their number. Their updated_at stays the same.';

revoke execute on function private.archive_idle_conversations(integer)
    from public, anon, authenticated;

create function private.delete_finished_sessions(p_limit integer default 1000)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_rows bigint;
begin
    with due as materialized (
        select f.id, f.user_id
        from private.finished_sessions f
        order by f.completed_at at time zone 'utc'
        limit p_limit
        for update skip locked
    )
    delete from public.conversation_sessions s
    using due
    where s.id = due.id and s.user_id = due.user_id;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.delete_finished_sessions(integer) is
    'Deletes at most p_limit sessions that ended more than 90 days ago, with their messages, '
    'oldest first, and returns their number.';

revoke execute on function private.delete_finished_sessions(integer)
    from public, anon, authenticated;

create function private.move_old_ai_usage(p_limit integer default 10000)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_rows bigint;
begin
    -- One statement, so that a row is always in exactly one of the two tables, even after a crash.
    with due as materialized (
        select o.id, o.user_id
        from private.old_ai_usage o
        order by o.created_at at time zone 'utc'
        limit p_limit
        for update skip locked
    ),
    moved as (
        delete from public.ai_usage u
        using due
        where u.id = due.id and u.user_id = due.user_id
        returning u.*
    )
    insert into public.ai_usage_archive (
        id, user_id, operation_type, model, tokens_prompt, tokens_completion, tokens_total, cost,
        latency_ms, created_at
    )
    select
        m.id, m.user_id, m.operation_type, m.model, m.tokens_prompt, m.tokens_completion,
        m.tokens_total, m.cost, m.latency_ms, m.created_at
    from moved m;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.move_old_ai_usage(integer) is
    'Moves at most p_limit rows that are older than 90 days from ai_usage to ai_usage_archive, '
    'oldest first, and returns their number.';

revoke execute on function private.move_old_ai_usage(integer) from public, anon, authenticated;

create function private.delete_rows_of_tenant(
    p_table regclass,
    p_tenant_id uuid,
    p_limit integer
)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
-- In the table of a large tenant, each batch would scan the rows that earlier batches deleted.
set enable_seqscan = off
as $$
declare
    v_rows bigint;
begin
    execute format(
        $sql$
            delete from %1$s d
            where d.ctid = any (array(
                select r.ctid from %1$s r where r.tenant_id = $1 limit $2
            ))
        $sql$,
        p_table
    )
    using p_tenant_id, p_limit;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.delete_rows_of_tenant(regclass, uuid, integer) is
    'Deletes at most p_limit rows of a tenant from a table with a column tenant_id, and returns '
    'their number. Rows that refer to them are deleted, too, and are not counted.';

revoke execute on function private.delete_rows_of_tenant(regclass, uuid, integer)
    from public, anon, authenticated;

create function private.delete_sessions_of_tenant(p_tenant_id uuid, p_limit integer)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_rows bigint;
begin
    -- Through the brands, because sessions have no index by tenant.
    delete from public.conversation_sessions d
    where (d.id, d.user_id) in (
        select s.id, s.user_id
        from public.brands b
        join public.conversation_sessions s on s.brand_id = b.id and s.tenant_id = b.tenant_id
        where b.tenant_id = p_tenant_id
        limit p_limit
    );
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.delete_sessions_of_tenant(uuid, integer) is
    'Deletes at most p_limit sessions of a tenant with their messages, and returns the number of '
    'sessions.';

revoke execute on function private.delete_sessions_of_tenant(uuid, integer)
    from public, anon, authenticated;

create function private.delete_batch_of_tenant(p_tenant_id uuid, p_limit integer)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_table regclass;
    v_rows bigint;
begin
    -- The lock makes whoever calls the deletion off wait for this batch.
    perform from public.tenants t
    where t.id = p_tenant_id and t.delete_after < now()
    for no key update;
    if not found then
        return 0;
    end if;
    -- Rows that refer to others go first, so that a batch is not followed by a long cascade.
    foreach v_table in array array[
        'public.feedback', 'public.messages', 'public.conversations', 'public.usage_metrics',
        'public.conversation_sessions', 'public.brands', 'public.invitations',
        'public.users'
    ]::regclass[]
    loop
        v_rows = case v_table
            -- A session takes its messages with it: they are final once it is finished.
            when 'public.conversation_sessions'::regclass then
                private.delete_sessions_of_tenant(p_tenant_id, (p_limit + 9) / 10)
            else private.delete_rows_of_tenant(v_table, p_tenant_id, p_limit)
        end;
        if v_rows > 0 then
            return v_rows;
        end if;
    end loop;
    delete from public.tenants t where t.id = p_tenant_id;
    return 1;
end
$$;

comment on function private.delete_batch_of_tenant(uuid, integer) is
    'Deletes at most p_limit rows of a tenant that is due for deletion, or the tenant itself if it '
    'has no rows left. Returns the number of rows; 0 if the tenant is not due.';

revoke execute on function private.delete_batch_of_tenant(uuid, integer)
    from public, anon, authenticated;

create function private.delete_tenants(p_limit integer default 10000)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_tenant_id uuid;
    v_rows bigint;
    v_error text;
begin
    for v_tenant_id in
        select d.id from private.tenants_to_delete d order by d.delete_after, d.id
    loop
        begin
            v_rows = private.delete_batch_of_tenant(v_tenant_id, p_limit);
            if v_rows > 0 then
                return v_rows;
            end if;
        exception
            when foreign_key_violation then
                -- Another table refers to this tenant without a cascade. The others must not wait.
                v_error = coalesce(v_error, sqlerrm);
        end;
    end loop;
    if v_error is not null then
        raise exception 'other tables keep a tenant from being deleted'
            using
                errcode = 'foreign_key_violation',
                detail = v_error,
                hint = 'Delete the rows that refer to it, or add "on delete cascade".';
    end if;
    return 0;
end
$$;

comment on function private.delete_tenants(integer) is
    'Deletes one batch of at most p_limit rows of the tenant that has been due for deletion for the '
    'longest time, and at last the tenant itself. Returns the number of rows; 0 when no tenant is '
    'due. Accounts stay. Fails with 23503 when other tables keep every due tenant from being '
    'deleted.';

revoke execute on function private.delete_tenants(integer) from public, anon, authenticated;

create function private.record_sizes()
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_rows bigint;
begin
    insert into private.size_snapshots as s (relation, table_bytes, index_bytes, estimated_rows)
    select
        format('%I.%I', c.relnamespace::regnamespace, c.relname),
        pg_catalog.pg_table_size(c.oid),
        pg_catalog.pg_indexes_size(c.oid),
        nullif(c.reltuples, -1)::bigint
    from pg_catalog.pg_class c
    where
        c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and c.relkind in ('r', 'm')
    on conflict (taken_on, relation) do update set
        table_bytes = excluded.table_bytes,
        index_bytes = excluded.index_bytes,
        estimated_rows = excluded.estimated_rows;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.record_sizes() is
    'Records today''s size (UTC) of each table and materialized view in public and private, and '
    'returns their number.';

revoke execute on function private.record_sizes() from public, anon, authenticated;

create function private.refresh_summary(p_summary regclass)
returns void
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    -- Postgres refreshes only a populated view concurrently.
    execute format(
        'refresh materialized view %s %s',
        case when private.is_populated(p_summary) then 'concurrently' end,
        p_summary
    );
end
$$;

comment on function private.refresh_summary(regclass) is
    'Refreshes a materialized view: concurrently when it is populated, which blocks no reader.';

revoke execute on function private.refresh_summary(regclass) from public, anon, authenticated;

create function private.count_summary(p_summary regclass)
returns bigint
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_rows bigint = 0;
begin
    if private.is_populated(p_summary) then
        execute format('select count(*) from %s', p_summary) into v_rows;
    end if;
    return v_rows;
end
$$;

comment on function private.count_summary(regclass) is
    'Returns the number of rows of a materialized view; 0 when it is not populated.';

revoke execute on function private.count_summary(regclass) from public, anon, authenticated;

create function private.count_maintenance_rows(p_task text)
returns bigint
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return case p_task
        when 'refresh message_feedback_summary' then
            private.count_summary('public.message_feedback_summary')
        when 'refresh monthly_usage_summary' then
            private.count_summary('public.monthly_usage_summary')
        when 'record sizes' then (
            select count(*)
            from pg_catalog.pg_class c
            where
                c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
                and c.relkind in ('r', 'm')
        )
        when 'archive idle conversations' then (select count(*) from private.idle_conversations)
        when 'delete finished sessions' then (select count(*) from private.finished_sessions)
        when 'move old ai_usage' then (select count(*) from private.old_ai_usage)
        when 'delete tenants' then (select count(*) from private.tenants_to_delete)
    end;
end
$$;

comment on function private.count_maintenance_rows(text) is
    'Returns the number of rows that a task would handle: the rows that are due, the relations '
    'whose size is recorded, or the rows of a summary at its last refresh. Null for an unknown '
    'task.';

revoke execute on function private.count_maintenance_rows(text) from public, anon, authenticated;

create function private.run_maintenance_task(p_task text, p_limit integer default null)
returns private.maintenance_runs
language plpgsql
volatile
security invoker
set search_path = ''
-- Limits the time that a refresh waits for other sessions, such as a vacuum.
set lock_timeout = '30s'
as $$
declare
    v_started_at timestamptz = clock_timestamp();
    v_run private.maintenance_runs;
begin
    if (p_limit > 0) is false then
        raise exception 'p_limit must be at least 1, not %', p_limit
            using errcode = 'invalid_parameter_value';
    end if;
    -- Held to the end of the transaction. A session that already holds it gets it again.
    if not pg_try_advisory_xact_lock(private.maintenance_lock()) then
        return null;
    end if;
    begin
        case p_task
            when 'refresh message_feedback_summary' then
                perform private.refresh_summary('public.message_feedback_summary');
                v_run.rows_affected = private.count_maintenance_rows(p_task);
            when 'refresh monthly_usage_summary' then
                perform private.refresh_summary('public.monthly_usage_summary');
                v_run.rows_affected = private.count_maintenance_rows(p_task);
            when 'record sizes' then
                v_run.rows_affected = private.record_sizes();
            -- Batches take at most a second: 0.6 s for 10,000 conversations, 0.3 s for 10,000
            -- rows of ai_usage, 0.1 s for 1,000 sessions with 20 messages each, and 0.9 s for
            -- 10,000 messages of a tenant.
            when 'archive idle conversations' then
                v_run.rows_affected = private.archive_idle_conversations(coalesce(p_limit, 10000));
            when 'delete finished sessions' then
                v_run.rows_affected = private.delete_finished_sessions(coalesce(p_limit, 1000));
            when 'move old ai_usage' then
                v_run.rows_affected = private.move_old_ai_usage(coalesce(p_limit, 10000));
            when 'delete tenants' then
                v_run.rows_affected = private.delete_tenants(coalesce(p_limit, 10000));
            when 'copy the log of pg_cron' then
                v_run.rows_affected = private.copy_cron_log();
        end case;
    exception
        when case_not_found then
            raise exception 'unknown maintenance task: %', coalesce(p_task, 'null')
                using errcode = 'invalid_parameter_value';
        -- `others` does not catch query_canceled, which a statement_timeout raises: the usual cause
        -- here.
        when query_canceled or others then
            v_run.error = format('%s (%s)', sqlerrm, sqlstate);
    end;
    -- Do not log the empty batch that ends a loop, unless the task had no other run that day.
    if v_run.rows_affected = 0
        and p_task <> all (private.maintenance_tasks('daily'))
        and exists (
            select
            from private.maintenance_runs r
            where
                r.task = p_task
                and r.started_at > v_started_at - interval '1 day'
                and r.error is null
        )
    then
        v_run.task = p_task;
        v_run.started_at = v_started_at;
        return v_run;
    end if;
    return private.log_maintenance_run(p_task, v_started_at, v_run.rows_affected, v_run.error);
end
$$;

comment on function private.run_maintenance_task(text, integer) is
    'Runs a task once and returns the row that it logs. A task that works in batches handles one '
    'batch: at most p_limit rows, by default the size of the task''s batches. Logs an error '
    'instead of raising it. Returns null when another session runs the maintenance. Fails with '
    '22023 for an unknown task. Does not log an empty batch (the row then has no id) if the log '
    'has a successful run of the task from the last day.';

revoke execute on function private.run_maintenance_task(text, integer)
    from public, anon, authenticated;

-- Only the owner uses these, because the API does not serve the schema.
revoke all on table private.idle_conversations from public, anon, authenticated, service_role;
revoke all on table private.finished_sessions from public, anon, authenticated, service_role;
revoke all on table private.old_ai_usage from public, anon, authenticated, service_role;
revoke all on table private.tenants_to_delete from public, anon, authenticated, service_role;
