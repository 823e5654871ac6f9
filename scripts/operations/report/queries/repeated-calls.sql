-- The calls that are in both ai_usage and its archive. The maintenance leaves them where they are.
select count(*) as calls
from public.ai_usage u
join public.ai_usage_archive a on a.id = u.id and a.user_id = u.user_id
where
    -- Must be the expression of the index, or the planner does not use it.
    u.created_at at time zone 'utc' < (now() at time zone 'utc') - interval '90 days'
