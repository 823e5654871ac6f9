-- Schedules the maintenance, where pg_cron is installed: its daily and monthly tasks, and a weekly
-- vacuum and analyze, which no function can run.
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
    -- Dynamic SQL, because the schema cron may be missing. Built by format(), because `db lint`
    -- would check a literal.
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
    'Copies to the log the runs that only pg_cron records: runs of vacuum, and jobs that failed '
    'as a whole. Returns their number.';

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
            raise notice 'skipped: another session is running the maintenance';
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
    'Called by pg_cron: runs one batch of each task of a period (daily or monthly), one after the '
    'other, and returns their rows of the log. A failed task does not stop the next. Returns no '
    'rows when another session runs the maintenance.';

revoke execute on function private.run_maintenance(text) from public, anon, authenticated;

create function private.schedule_maintenance()
returns integer
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    -- Hosted Supabase limits statements to 2 minutes, and a function cannot raise the limit of the
    -- statement that calls it.
    v_prefix constant text = 'set local statement_timeout = ''1h''; ';
    -- Dynamic SQL for the same reason as in private.copy_cron_log().
    v_schedule text = format('select %I.schedule($1, $2, $3)', 'cron');
begin
    if not exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
        raise notice 'pg_cron is not installed: nothing is scheduled'
            using hint = 'Schedule `npm run db:maintain` outside the database instead.';
        return 0;
    end if;
    -- Times are in UTC and do not overlap, because one of two concurrent runs would be skipped.
    -- Scheduling a job again replaces the job of the same name.
    execute v_schedule
    using
        'maintenance-daily', '40 0 * * *',
        v_prefix || 'select private.run_maintenance(''daily'')';
    -- One batch per minute for three hours: up to 1.8 million rows of ai_usage per month.
    execute v_schedule
    using
        'maintenance-monthly', '* 2-4 1 * *',
        v_prefix || 'select private.run_maintenance(''monthly'')';
    -- vacuum must be alone in its command, so the statement_timeout of the database applies.
    execute v_schedule
    using 'maintenance-weekly', '30 5 * * 0', 'vacuum (analyze)';
    return 3;
end
$$;

comment on function private.schedule_maintenance() is
    'Schedules the maintenance with pg_cron and returns the number of jobs: 3, or 0 when the '
    'extension is not installed. Call it again after installing the extension.';

revoke execute on function private.schedule_maintenance() from public, anon, authenticated;

do $$
begin
    -- Does nothing without pg_cron: the project decides whether to enable the extension.
    perform private.schedule_maintenance();
exception
    when others then
        raise notice 'could not schedule the maintenance: %', sqlerrm
            using hint = 'Once pg_cron works, run: select private.schedule_maintenance().';
end
$$;
