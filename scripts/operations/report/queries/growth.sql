-- How each table and materialized view has grown within a week, by the snapshots that the daily
-- maintenance takes: from the oldest of the seven days before its newest to that one. What has had
-- no snapshot for a week is left out: it is gone, or nobody takes any.
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
