-- Indexes that no query has used since the statistics began, the largest first: each costs room and
-- slows every write down. Those that keep a promise (keys, unique, exclusion) stay whatever happens.
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
