-- When each materialized view was last refreshed, from the maintenance log. Only views that the
-- daily maintenance refreshes can be overdue. A view that was never refreshed is overdue only once
-- data has existed for long enough: data_since is the creation of the oldest tenant.
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
