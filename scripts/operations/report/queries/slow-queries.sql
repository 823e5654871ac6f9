-- The ten statements of this database with the highest mean time since the last statistics reset,
-- without leading comments. Excludes statements that are slow by nature: schema changes, vacuum,
-- refreshes, dumps, the maintenance (which has its own log) and this report.
select
    q.statement as query,
    coalesce(r.rolname, s.userid::text) as role,
    s.calls,
    s.mean_exec_time as mean_ms,
    s.max_exec_time as max_ms,
    s.total_exec_time as total_ms,
    s.rows
from pg_stat_statements s
cross join lateral (
    select regexp_replace(s.query, '^(\s|--[^\n]*(\n|$)|/\*([^*]|\*+[^*/])*\*+/)+', '') as statement
) q
left join pg_roles r on r.oid = s.userid
where
    s.dbid = (select d.oid from pg_database d where d.datname = current_database())
    and q.statement !~* (
        '^(alter|analyze|cluster|comment|copy|create|do|drop|explain|grant|reindex|refresh|revoke|'
        'truncate|vacuum)\y'
    )
    and q.statement !~* '\yprivate\.run_maintenance'
    and q.statement not like '%/* db:report */%'
order by s.mean_exec_time desc, s.queryid
limit 10
