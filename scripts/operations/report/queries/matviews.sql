-- When each materialized view was last refreshed, by the log of the maintenance. Only those that the
-- maintenance refreshes can be overdue. One that never was is so only once there has been something
-- to show for long enough: since the oldest tenant.
select
    v.matviewname as view,
    'refresh ' || v.matviewname = any (private.maintenance_tasks('daily')) as is_maintained,
    (
        select max(r.finished_at)
        from private.maintenance_runs r
        where r.task = 'refresh ' || v.matviewname and r.error is null
    ) as refreshed_at,
    (select min(t.created_at) from public.tenants t) as data_since,
    pg_total_relation_size(format('%I.%I', v.schemaname, v.matviewname)::regclass) as total_bytes
from pg_matviews v
where v.schemaname = 'public'
order by v.matviewname
