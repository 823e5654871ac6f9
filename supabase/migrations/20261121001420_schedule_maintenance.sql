-- The schedule of the maintenance, where pg_cron can be had: its tasks daily and monthly, and weekly
-- what no function can do, vacuum and analyze.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

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
