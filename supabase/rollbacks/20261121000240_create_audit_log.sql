-- Rolls back 20261121000240_create_audit_log. Deletes the audit log.
--
-- Locks: access exclusive on tenants and users, until the end of the transaction.

set local lock_timeout = '5s';

drop trigger trigger_users_record_change on public.users;
drop trigger trigger_tenants_record_change on public.tenants;

drop table public.audit_log;

drop function private.refuse_change_of_audit_log();
drop function private.record_change();
drop function private.current_request();
