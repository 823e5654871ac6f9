-- The current sizes of the 20 largest tables and materialized views, in all schemas except for
-- Postgres' own. The size functions return null for a table that is dropped meanwhile.
select
    format('%I.%I', n.nspname, c.relname) as relation,
    coalesce(pg_table_size(c.oid), 0) as table_bytes,
    coalesce(pg_indexes_size(c.oid), 0) as index_bytes,
    coalesce(pg_total_relation_size(c.oid), 0) as total_bytes,
    nullif(c.reltuples, -1)::bigint as estimated_rows
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where
    c.relkind in ('r', 'm')
    and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema')
order by total_bytes desc, relation
limit 20
