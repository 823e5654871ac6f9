-- Maintenance: what the database needs done daily, weekly and monthly, the log of it, and where
-- pg_cron can be had, its schedule. `npm run db:maintain` does the same from outside.
--
--     daily    refreshes both summaries, records the sizes of all tables
--     weekly   vacuums and analyzes all tables (no function can; see below)
--     monthly  archives idle conversations, deletes finished sessions, moves old ai_usage
--
-- The monthly tasks work in batches, each one statement: whatever ends one leaves it undone as a
-- whole, and the next run goes on from there.
--
-- Locks: none on existing objects.
-- Undo: unschedule the jobs of pg_cron; drop the functions, the views, the tables.

set local lock_timeout = '5s';

create table private.maintenance_runs (
    id bigint not null generated always as identity,
    task text not null,
    started_at timestamptz not null,
    finished_at timestamptz not null default clock_timestamp(),
    duration_ms bigint not null
        generated always as ((extract(epoch from finished_at - started_at) * 1000)::bigint) stored,
    rows_affected bigint,
    error text,
    constraint maintenance_runs_pkey primary key (id),
    constraint maintenance_runs_task_is_not_blank_check check (trim(task) <> ''),
    constraint maintenance_runs_finished_after_start_check check (finished_at >= started_at),
    constraint maintenance_runs_rows_affected_is_not_negative_check check (rows_affected >= 0),
    constraint maintenance_runs_error_is_not_blank_check check (trim(error) <> ''),
    constraint maintenance_runs_failure_changes_nothing_check
        check (error is null or rows_affected is null)
);

comment on table private.maintenance_runs is
    'The log of the maintenance: one row a task, or a batch of it, that worked or failed.';
comment on column private.maintenance_runs.task is
    'One of private.maintenance_tasks(), vacuum and the table, or a job of pg_cron that failed.';
comment on column private.maintenance_runs.rows_affected is
    'Rows moved, changed or deleted by the batch, or in the summary after its refresh; null where '
    'nothing is counted.';
comment on column private.maintenance_runs.error is
    'Message and SQLSTATE of what ended it, with nothing done; null when it worked.';

-- The last run of a task, and whether it failed.
create index idx_maintenance_runs_task_started
    on private.maintenance_runs (task, started_at);

create table private.size_snapshots (
    taken_on date not null default (now() at time zone 'utc')::date,
    relation text not null,
    table_bytes bigint not null,
    index_bytes bigint not null,
    total_bytes bigint not null generated always as (table_bytes + index_bytes) stored,
    estimated_rows bigint,
    constraint size_snapshots_pkey primary key (taken_on, relation),
    constraint size_snapshots_relation_is_not_blank_check check (trim(relation) <> ''),
    constraint size_snapshots_table_bytes_is_not_negative_check check (table_bytes >= 0),
    constraint size_snapshots_index_bytes_is_not_negative_check check (index_bytes >= 0),
    constraint size_snapshots_estimated_rows_is_not_negative_check check (estimated_rows >= 0)
);

comment on table private.size_snapshots is
    'How large the tables and materialized views of public and private were, day by day.';
comment on column private.size_snapshots.taken_on is 'The day in UTC; the last run of it counts.';
comment on column private.size_snapshots.relation is 'Name with its schema, e.g. public.messages.';
comment on column private.size_snapshots.table_bytes is
    'The rows with their out-of-line values, and the maps of free and visible pages.';
comment on column private.size_snapshots.estimated_rows is
    'The planner''s estimate; null until the relation is first analyzed.';

create view private.idle_conversations
with (security_invoker = true)
as
select c.id, c.tenant_id, c.updated_at
from public.conversations c
where
    not c.is_archived
    -- As the index has it.
    and c.updated_at at time zone 'utc' < (now() at time zone 'utc') - interval '6 months';

comment on view private.idle_conversations is
    'Conversations that are due for archiving: nothing has happened in them for 6 months.';

create view private.finished_sessions
with (security_invoker = true)
as
select s.id, s.user_id, s.completed_at
from public.conversation_sessions s
where
    s.completed_at is not null
    -- As the index has it.
    and s.completed_at at time zone 'utc' < (now() at time zone 'utc') - interval '90 days';

comment on view private.finished_sessions is
    'Sessions that are due for deletion: delivered or cancelled more than 90 days ago.';

create view private.old_ai_usage
with (security_invoker = true)
as
select u.id, u.user_id, u.created_at
from public.ai_usage u
-- As the index has it.
where u.created_at at time zone 'utc' < (now() at time zone 'utc') - interval '90 days';

comment on view private.old_ai_usage is
    'Calls that are due for the archive: made more than 90 days ago.';

create function private.maintenance_lock()
returns bigint
language sql
immutable
parallel safe
security invoker
set search_path = ''
begin atomic
    -- The bytes of "maintain".
    select x'6d61696e7461696e'::bigint;
end;

comment on function private.maintenance_lock() is
    'The key of the advisory lock that whoever maintains the database holds: one at a time.';

revoke execute on function private.maintenance_lock() from public, anon, authenticated;

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
            'archive idle conversations', 'delete finished sessions', 'move old ai_usage'
        ];
    end if;
    raise exception 'there is no maintenance called %', coalesce(p_period, 'null')
        using errcode = 'invalid_parameter_value', hint = 'It is daily or monthly.';
end
$$;

comment on function private.maintenance_tasks(text) is
    'The tasks of a period, daily or monthly, in the order in which they run. Fails with 22023 for '
    'another period.';

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
    -- What somebody is writing to is skipped: it is idle no more.
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
    'Archives conversations that have been idle for 6 months, the oldest first, at most p_limit; '
    'returns how many. Their updated_at stays.';

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
    'Deletes sessions that ended more than 90 days ago, with their messages, the oldest first, at '
    'most p_limit; returns how many.';

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
    -- One statement: no moment, not even that of a crash, at which a row is in both or in neither.
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
        id, user_id, operation_type, model, tokens_prompt, tokens_completion, cost, latency_ms,
        created_at
    )
    select
        m.id, m.user_id, m.operation_type, m.model, m.tokens_prompt, m.tokens_completion, m.cost,
        m.latency_ms, m.created_at
    from moved m;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.move_old_ai_usage(integer) is
    'Moves calls of more than 90 days ago from ai_usage to ai_usage_archive, the oldest first, at '
    'most p_limit; returns how many.';

revoke execute on function private.move_old_ai_usage(integer) from public, anon, authenticated;

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
    'Records the size of each table and materialized view of public and private under today (UTC); '
    'returns how many.';

revoke execute on function private.record_sizes() from public, anon, authenticated;

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
            (select count(*) from public.message_feedback_summary)
        when 'refresh monthly_usage_summary' then
            (select count(*) from public.monthly_usage_summary)
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
    end;
end
$$;

comment on function private.count_maintenance_rows(text) is
    'How many rows a task would find to do: those due, all relations whose size is recorded, or '
    'what a summary held at its last refresh. Null for an unknown task.';

revoke execute on function private.count_maintenance_rows(text) from public, anon, authenticated;

create function private.log_maintenance_run(
    p_task text,
    p_started_at timestamptz,
    p_rows_affected bigint,
    p_error text
)
returns private.maintenance_runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_run private.maintenance_runs;
begin
    insert into private.maintenance_runs (task, started_at, rows_affected, error)
    values (p_task, p_started_at, p_rows_affected, p_error)
    returning * into v_run;
    return v_run;
end
$$;

comment on function private.log_maintenance_run(text, timestamptz, bigint, text) is
    'Logs a run that has ended just now, and returns its row. db:maintain logs so what no function '
    'can do: vacuum.';

revoke execute on function private.log_maintenance_run(text, timestamptz, bigint, text)
    from public, anon, authenticated;

create function private.run_maintenance_task(p_task text, p_limit integer default null)
returns private.maintenance_runs
language plpgsql
volatile
security invoker
set search_path = ''
-- A refresh waits for others that write the summary, vacuum among them, but not for long.
set lock_timeout = '30s'
as $$
declare
    v_started_at timestamptz = clock_timestamp();
    v_run private.maintenance_runs;
begin
    if (p_limit > 0) is false then
        raise exception 'a batch has at least one row, not %', p_limit
            using errcode = 'invalid_parameter_value';
    end if;
    -- Held to the end of the transaction; whoever holds it for a whole run gets it again.
    if not pg_try_advisory_xact_lock(private.maintenance_lock()) then
        return null;
    end if;
    begin
        case p_task
            when 'refresh message_feedback_summary' then
                refresh materialized view concurrently public.message_feedback_summary;
                v_run.rows_affected = private.count_maintenance_rows(p_task);
            when 'refresh monthly_usage_summary' then
                refresh materialized view concurrently public.monthly_usage_summary;
                v_run.rows_affected = private.count_maintenance_rows(p_task);
            when 'record sizes' then
                v_run.rows_affected = private.record_sizes();
            -- Batches of about half a second: 10,000 conversations took 0.6 s, as many calls 0.3 s,
            -- and 1,000 sessions with 20 messages each 0.1 s.
            when 'archive idle conversations' then
                v_run.rows_affected = private.archive_idle_conversations(coalesce(p_limit, 10000));
            when 'delete finished sessions' then
                v_run.rows_affected = private.delete_finished_sessions(coalesce(p_limit, 1000));
            when 'move old ai_usage' then
                v_run.rows_affected = private.move_old_ai_usage(coalesce(p_limit, 10000));
            when 'copy the log of pg_cron' then
                v_run.rows_affected = private.copy_cron_log();
        end case;
    exception
        when case_not_found then
            raise exception 'there is no maintenance task called %', coalesce(p_task, 'null')
                using errcode = 'invalid_parameter_value';
        -- Others are not all: a statement_timeout cancels, and is what ends a refresh most often.
        when query_canceled or others then
            v_run.error = format('%s (%s)', sqlerrm, sqlstate);
    end;
    -- The empty batch that ends a loop would say nothing, unless it is all there was that day.
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
    'Runs one task, or one batch of at most p_limit rows of it (default: its own size), and '
    'returns the row of the log. An error is logged, not raised. Null when another session '
    'maintains the database; 22023 for an unknown task. A batch that finds nothing is logged only '
    'when no other of the last day is.';

revoke execute on function private.run_maintenance_task(text, integer)
    from public, anon, authenticated;

create function private.copy_cron_log()
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_rows bigint;
    -- Text, since the schema cron is not everywhere; and made, since db lint tries out what it can
    -- read.
    v_copy text = format(
        $sql$
            insert into private.maintenance_runs (task, started_at, finished_at, error)
            select d.task, d.start_time, d.finished_at, d.error
            from (
                select
                    case j.jobname
                        when 'maintenance-weekly' then 'vacuum' else j.jobname
                    end as task,
                    r.start_time,
                    greatest(r.start_time, coalesce(r.end_time, r.start_time)) as finished_at,
                    case r.status
                        when 'failed' then coalesce(nullif(trim(r.return_message), ''), 'failed')
                    end as error
                from %1$I.job_run_details r
                join %1$I.job j on j.jobid = r.jobid
                where
                    j.jobname in ('maintenance-daily', 'maintenance-weekly', 'maintenance-monthly')
                    and r.start_time is not null
                    and (
                        r.status = 'failed'
                        or (r.status = 'succeeded' and j.jobname = 'maintenance-weekly')
                    )
            ) d
            where not exists (
                select
                from private.maintenance_runs m
                where m.task = d.task and m.started_at = d.start_time
            )
        $sql$,
        'cron'
    );
begin
    execute v_copy;
    get diagnostics v_rows = row_count;
    return v_rows;
end
$$;

comment on function private.copy_cron_log() is
    'Copies what only pg_cron knows to the log: its runs of vacuum, and jobs that failed as a '
    'whole; returns how many.';

revoke execute on function private.copy_cron_log() from public, anon, authenticated;

create function private.run_maintenance(p_period text)
returns setof private.maintenance_runs
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_task text;
    v_run private.maintenance_runs;
begin
    foreach v_task in array private.maintenance_tasks(p_period) loop
        v_run = private.run_maintenance_task(v_task);
        if v_run.task is null then
            raise notice 'another session maintains the database';
            return;
        end if;
        return next v_run;
    end loop;
    if p_period = 'daily'
        and exists (select from pg_catalog.pg_extension where extname = 'pg_cron')
    then
        return next private.run_maintenance_task('copy the log of pg_cron');
    end if;
end
$$;

comment on function private.run_maintenance(text) is
    'What pg_cron calls: runs the tasks of a period, daily or monthly, one after the other, one '
    'batch of each, and returns their rows of the log. A task that fails does not stop the next. '
    'No rows when another session maintains the database.';

revoke execute on function private.run_maintenance(text) from public, anon, authenticated;

create function private.schedule_maintenance()
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    -- The platform limits statements to 2 minutes, and a function cannot lift the limit of the
    -- statement that calls it.
    v_prefix constant text = 'set local statement_timeout = ''1h''; ';
    -- As in private.copy_cron_log().
    v_schedule text = format('select %I.schedule($1, $2, $3)', 'cron');
begin
    if not exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
        raise notice 'pg_cron is not installed: nothing is scheduled'
            using hint = 'npm run db:maintain does the same from outside.';
        return 0;
    end if;
    -- In UTC, and each at hours of its own: of two that meet, one would be skipped. A job of the
    -- same name is replaced.
    execute v_schedule
    using
        'maintenance-daily', '40 0 * * *',
        v_prefix || 'select private.run_maintenance(''daily'')';
    -- One batch a minute for three hours: up to 1.8 million rows of ai_usage a month.
    execute v_schedule
    using
        'maintenance-monthly', '* 2-4 1 * *',
        v_prefix || 'select private.run_maintenance(''monthly'')';
    -- Alone in its command, as vacuum must be, and so within the database's limit.
    execute v_schedule
    using 'maintenance-weekly', '30 5 * * 0', 'vacuum (analyze)';
    return 3;
end
$$;

comment on function private.schedule_maintenance() is
    'Has pg_cron run the maintenance, from now on; returns the number of jobs, 0 where the '
    'extension is not installed. To be called once more where it is installed later.';

revoke execute on function private.schedule_maintenance() from public, anon, authenticated;

-- The owner's alone: the API does not serve the schema.
revoke all on table private.maintenance_runs from public, anon, authenticated, service_role;
revoke all on table private.size_snapshots from public, anon, authenticated, service_role;
revoke all on table private.idle_conversations from public, anon, authenticated, service_role;
revoke all on table private.finished_sessions from public, anon, authenticated, service_role;
revoke all on table private.old_ai_usage from public, anon, authenticated, service_role;

do $$
begin
    -- Where the project has chosen to have it: enabling it is not ours to decide.
    perform private.schedule_maintenance();
exception
    when others then
        raise notice 'the maintenance is not scheduled: %', sqlerrm
            using hint = 'Where pg_cron works later: select private.schedule_maintenance().';
end
$$;
