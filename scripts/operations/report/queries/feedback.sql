-- Thumbs up and thumbs down on each of the last 30 days (UTC), over all tenants.
select
    d.day,
    coalesce(f.positive, 0) as positive,
    coalesce(f.negative, 0) as negative
from (
    select current_date - n as day
    from generate_series(0, 29) n
) d
left join (
    select
        r.created_at::date as day,
        count(*) filter (where r.rating = 1) as positive,
        count(*) filter (where r.rating = -1) as negative
    from public.feedback r
    where r.created_at >= current_date - 29
    group by r.created_at::date
) f on f.day = d.day
order by d.day
