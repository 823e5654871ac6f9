-- Active tenants that have members, but no owner who can sign in. Only tenants that are older than a
-- day, because a backend may create a tenant before its owner.
select t.slug, t.name
from public.tenants t
where
    t.is_active
    and t.created_at < now() - interval '1 day'
    and not exists (
        select
        from public.users u
        where
            u.tenant_id = t.id and u.role = 'owner' and u.is_active and u.auth_id is not null
    )
    and exists (
        select
        from public.users u
        where
            u.tenant_id = t.id
            and u.left_at is null
            and (u.role = 'owner' or (u.is_active and u.auth_id is not null))
    )
order by t.created_at, t.id
limit 20
