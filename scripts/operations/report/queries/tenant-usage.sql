-- Tokens, requests and cost of the current month (UTC) by tenant: the ten most expensive tenants,
-- and one row without a name for the others. Cost is text, so that no digits are lost.
with used as (
    select
        u.tenant_id,
        sum(u.prompt_tokens) as prompt_tokens,
        sum(u.completion_tokens) as completion_tokens,
        sum(u.request_count) as request_count,
        sum(u.estimated_cost) as cost
    from public.usage_metrics u
    where
        u.date >= date_trunc('month', current_date)
        and u.date < date_trunc('month', current_date) + interval '1 month'
    group by u.tenant_id
),
ranked as (
    select
        u.*,
        row_number() over (
            order by u.cost desc, u.prompt_tokens + u.completion_tokens desc, u.tenant_id
        ) as place
    from used u
)
select
    min(t.name) filter (where r.place <= 10) as name,
    min(t.slug) filter (where r.place <= 10) as slug,
    count(*) as tenants,
    sum(r.prompt_tokens) as prompt_tokens,
    sum(r.completion_tokens) as completion_tokens,
    sum(r.request_count) as request_count,
    trim_scale(sum(r.cost))::text as cost
from ranked r
join public.tenants t on t.id = r.tenant_id
group by least(r.place, 11)
order by least(r.place, 11)
