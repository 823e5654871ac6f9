-- The log of the maintenance, and the sizes of the tables day by day. What writes them follows.
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

-- The owner's alone: the API does not serve the schema.
revoke all on table private.maintenance_runs from public, anon, authenticated, service_role;
revoke all on table private.size_snapshots from public, anon, authenticated, service_role;
