-- Takes back 20261121001400_create_maintenance. The log of the maintenance and the snapshots of
-- sizes go; what has been archived stays archived. The extension pg_cron stays, too.
--
-- Locks: none that anybody waits for.

set local lock_timeout = '5s';

do $$
begin
    if exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
        execute $sql$
            select cron.unschedule(j.jobid)
            from cron.job j
            where
                j.jobname in ('maintenance-daily', 'maintenance-weekly', 'maintenance-monthly')
                and j.username = current_user
                and j.database = current_database()
        $sql$;
    end if;
end
$$;

drop function private.schedule_maintenance();
drop function private.run_maintenance(text);
drop function private.copy_cron_log();
drop function private.run_maintenance_task(text, integer);
drop function private.log_maintenance_run(text, timestamptz, bigint, text);
drop function private.count_maintenance_rows(text);
drop function private.record_sizes();
drop function private.move_old_ai_usage(integer);
drop function private.delete_finished_sessions(integer);
drop function private.archive_idle_conversations(integer);
drop function private.maintenance_tasks(text);
drop function private.maintenance_lock();

drop view private.old_ai_usage;
drop view private.finished_sessions;
drop view private.idle_conversations;

drop table private.size_snapshots;
drop table private.maintenance_runs;
