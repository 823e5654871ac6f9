-- Active users on each of the last 30 days (UTC), by system. Each system counts separately: a user
-- of two systems counts in both. The assistant counts usage, because usage is stored and indexed by
-- day. Counting messages would read the messages of all tenants.
select
    d.day,
    coalesce(a.people, 0) as assistant,
    coalesce(b.people, 0) as director,
    coalesce(c.people, 0) as integration
from (
    select current_date - n as day
    from generate_series(0, 29) n
) d
left join (
    select u.date as day, count(distinct u.user_id) as people
    from public.usage_metrics u
    where u.date > current_date - 30
    group by u.date
) a on a.day = d.day
left join (
    select m.created_at::date as day, count(distinct m.user_id) as people
    from public.conversation_messages m
    where m.created_at >= current_date - 29
    group by m.created_at::date
) b on b.day = d.day
left join (
    select u.created_at::date as day, count(distinct u.user_id) as people
    from public.ai_usage u
    where u.created_at >= current_date - 29
    group by u.created_at::date
) c on c.day = d.day
order by d.day
