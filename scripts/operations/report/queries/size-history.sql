-- The total size of all tables and materialized views of the project, on each of the last 90 days
-- that has a snapshot.
select
    s.taken_on as day,
    sum(s.table_bytes) as table_bytes,
    sum(s.index_bytes) as index_bytes
from private.size_snapshots s
where s.taken_on > current_date - 90
group by s.taken_on
order by s.taken_on
