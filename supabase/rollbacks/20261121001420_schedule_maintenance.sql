-- Rolls back 20261121001420_schedule_maintenance. No data is lost; the extension pg_cron stays.
--
-- Locks: none that blocks clients.

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
