-- Indexes that no query has used since the last statistics reset, the largest first. Each of them
-- takes space and slows down writes. Indexes that enforce a constraint (primary key, unique,
-- exclusion) are excluded, because they must stay.
select
    format('%I.%I', s.schemaname, s.indexrelname) as index,
    format('%I.%I', s.schemaname, s.relname) as relation,
    coalesce(pg_relation_size(s.indexrelid), 0) as bytes
from pg_stat_user_indexes s
join pg_index i on i.indexrelid = s.indexrelid
where
    s.idx_scan = 0
    and not i.indisunique
    and not i.indisprimary
    and not i.indisexclusion
    and s.schemaname in ('public', 'private')
order by bytes desc, index
limit 50
