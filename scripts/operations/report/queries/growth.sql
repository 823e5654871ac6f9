-- The growth of each table and materialized view within a week. Compares the newest snapshot of the
-- daily maintenance with the oldest of the seven days before it. Relations without a snapshot for a
-- week are excluded: they were dropped, or no snapshots are taken.
with newest as (
    select distinct on (s.relation) s.relation, s.taken_on, s.total_bytes
    from private.size_snapshots s
    where s.taken_on > current_date - 7
    order by s.relation, s.taken_on desc
),
oldest as (
    select distinct on (s.relation) s.relation, s.taken_on, s.total_bytes
    from private.size_snapshots s
    join newest n on n.relation = s.relation
    where s.taken_on >= n.taken_on - 7 and s.taken_on < n.taken_on
    order by s.relation, s.taken_on
)
select
    n.relation,
    o.taken_on as since,
    n.taken_on as until,
    o.total_bytes as bytes_before,
    n.total_bytes as bytes_after
from newest n
join oldest o on o.relation = n.relation
order by n.total_bytes - o.total_bytes desc, n.relation
