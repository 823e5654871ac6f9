-- Two tables for the maintenance: its log, and the daily sizes of all tables. The next migration
-- adds the functions that write them.
--
-- Locks: none on existing objects.

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
    'Log of the maintenance: one row per task or batch, successful or failed.';
comment on column private.maintenance_runs.task is
    'A task of private.maintenance_tasks(), vacuum with a table name, or a failed job of pg_cron.';
comment on column private.maintenance_runs.rows_affected is
    'Rows that the batch moved, changed or deleted, or rows of the summary after its refresh. Null '
    'when the task counts nothing.';
comment on column private.maintenance_runs.error is
    'Message and SQLSTATE of the error, which rolled the task back. Null when the task succeeded.';

-- Serves the last run of a task.
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
    'Daily sizes of the tables and materialized views in public and private.';
comment on column private.size_snapshots.taken_on is
    'The day in UTC. The last run of a day replaces earlier ones.';
comment on column private.size_snapshots.relation is 'Name with schema, e.g. public.messages.';
comment on column private.size_snapshots.table_bytes is
    'Size of the table, its TOAST table, free space map and visibility map, in bytes.';
comment on column private.size_snapshots.estimated_rows is
    'The planner''s estimate of the number of rows; null before the first analyze.';

create function private.maintenance_lock()
returns bigint
language sql
immutable
parallel safe
security invoker
set search_path = ''
begin atomic
    -- The ASCII codes of "maintain".
    select x'6d61696e7461696e'::bigint;
end;

comment on function private.maintenance_lock() is
    'Returns the key of the advisory lock that a session holds while it runs the maintenance, so '
    'that two sessions never run it at the same time.';

revoke execute on function private.maintenance_lock() from public, anon, authenticated;

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
    insert into private.maintenance_runs (task, started_at, finished_at, rows_affected, error)
    values (
        -- The clock may have been set back during the run.
        p_task, p_started_at, greatest(p_started_at, clock_timestamp()), p_rows_affected, p_error
    )
    returning * into v_run;
    return v_run;
end
$$;

comment on function private.log_maintenance_run(text, timestamptz, bigint, text) is
    'Logs a run that has just ended and returns its row. Also called by db:maintain for vacuum, '
    'which no function can run.';

revoke execute on function private.log_maintenance_run(text, timestamptz, bigint, text)
    from public, anon, authenticated;

-- Only the owner uses these, because the API does not serve the schema.
revoke all on table private.maintenance_runs from public, anon, authenticated, service_role;
revoke all on table private.size_snapshots from public, anon, authenticated, service_role;
