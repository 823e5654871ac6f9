-- Rolls back 20261121001410_create_maintenance_tasks. Archived rows stay archived.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function private.run_maintenance_task(text, integer);
drop function private.count_maintenance_rows(text);
drop function private.count_summary(regclass);
drop function private.refresh_summary(regclass);
drop function private.record_sizes();
drop function private.delete_tenants(integer);
drop function private.delete_batch_of_tenant(uuid, integer);
drop function private.delete_sessions_of_tenant(uuid, integer);
drop function private.delete_rows_of_tenant(regclass, uuid, integer);
drop function private.move_old_ai_usage(integer);
drop function private.delete_finished_sessions(integer);
drop function private.archive_idle_conversations(integer);
drop function private.maintenance_tasks(text);

drop view private.tenants_to_delete;
drop view private.old_ai_usage;
drop view private.finished_sessions;
drop view private.idle_conversations;
