-- The ten statements of this database with the highest mean time since the statistics began, without
-- the comments before them. What is slow by its nature is left out: changes of the schema, vacuum,
-- refreshes, dumps, the maintenance, which keeps a log of its own, and this report.
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
