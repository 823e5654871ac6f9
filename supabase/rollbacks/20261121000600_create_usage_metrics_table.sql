-- Rolls back 20261121000600_create_usage_metrics_table. Deletes all usage, which are billing
-- records.
--
-- Locks: access exclusive on usage_metrics and users, until the end of the transaction.

set local lock_timeout = '5s';

drop trigger trigger_users_refuse_delete_of_billed on public.users;
drop function private.refuse_delete_of_billed_user();

drop function public.get_monthly_usage_summary(date, date);
drop function private.monthly_usage_summary_of_caller(date, date);
drop function private.is_populated(regclass);
drop function public.increment_usage_metrics(uuid, uuid, date, integer, integer, numeric);
drop view public.current_day_usage;
drop materialized view public.monthly_usage_summary;

drop table public.usage_metrics;
drop function private.fill_total_tokens();
