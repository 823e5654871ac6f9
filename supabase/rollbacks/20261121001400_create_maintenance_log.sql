-- Rolls back 20261121001400_create_maintenance_log. Deletes the log of the maintenance and the
-- recorded sizes.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function private.log_maintenance_run(text, timestamptz, bigint, text);
drop function private.maintenance_lock();

drop table private.size_snapshots;
drop table private.maintenance_runs;
