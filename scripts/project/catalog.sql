-- Lists the objects that the project has created in a database, one row per object: its kind, its
-- name, and a text with every property that can differ. In other schemas, it lists only triggers
-- that call a function of the project. It lists only grants to public and to the roles that the API
-- uses. The order is stable.
--
-- Run this with an empty search_path, so that definitions use qualified names.
with
ours as (
    select n.oid, n.nspname
    from pg_catalog.pg_namespace n
    where n.nspname in ('public', 'private')
),
relations as (
    select c.*, format('%s.%s', o.nspname, c.relname) as name
    from pg_catalog.pg_class c
    join ours o on o.oid = c.relnamespace
    where
        c.relkind in ('r', 'p', 'v', 'm', 'S')
        and not exists (
            select
            from pg_catalog.pg_depend d
            where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('e', 'i')
        )
),
functions as (
    select p.*, p.oid::regprocedure::text as name
    from pg_catalog.pg_proc p
    join ours o on o.oid = p.pronamespace
    where not exists (
        select
        from pg_catalog.pg_depend d
        where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
),
granted as (
    select 'schema ' || o.nspname as name, n.nspowner as owner, a.*
    from ours o
    join pg_catalog.pg_namespace n on n.oid = o.oid
    cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
    -- Postgres or hosted Supabase sets the grants on the schema public.
    where o.nspname <> 'public'
    union all
    select r.name, r.relowner, a.*
    from relations r
    cross join aclexplode(
        coalesce(
            r.relacl,
            acldefault(case r.relkind when 'S' then 's' else 'r' end::"char", r.relowner)
        )
    ) a
    union all
    select format('%s.%s', r.name, c.attname), r.relowner, a.*
    from relations r
    join pg_catalog.pg_attribute c on c.attrelid = r.oid and c.attacl is not null
    cross join aclexplode(c.attacl) a
    union all
    select f.name, f.proowner, a.*
    from functions f
    cross join aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) a
),
places as (
    select format('%s.%s', r.name, a.attname) as name, r.name as relation, a.attnum as place
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
),
objects (kind, name, definition) as (
    select 'extension', e.extname::text, 'in ' || e.extnamespace::regnamespace
    from pg_catalog.pg_extension e
    where e.extname in ('vector', 'pg_cron')
    union all
    select 'schema', o.nspname, ''
    from ours o
    union all
    select
        case r.relkind when 'S' then 'sequence' else 'table' end, r.name,
        concat_ws(
            ', ',
            case when r.relkind <> 'S' then 'row level security ' || r.relrowsecurity end,
            case when r.relforcerowsecurity then 'forced' end,
            case r.relpersistence when 'p' then null else format('persistence %s', r.relpersistence) end,
            r.reloptions::text
        )
    from relations r
    where r.relkind in ('r', 'p', 'S')
    union all
    select
        case r.relkind when 'v' then 'view' else 'materialized view' end, r.name,
        concat_ws(
            E'\n',
            r.reloptions::text,
            case when r.relkind = 'm' and not r.relispopulated then 'not populated' end,
            pg_catalog.pg_get_viewdef(r.oid)
        )
    from relations r
    where r.relkind in ('v', 'm')
    union all
    select
        'column', format('%s.%s', r.name, a.attname),
        concat_ws(
            ' ',
            pg_catalog.format_type(a.atttypid, a.atttypmod),
            case when a.attnotnull then 'not null' end,
            case a.attgenerated when 's' then 'generated' end,
            case when a.attidentity <> '' then format('identity %s', a.attidentity) end,
            'default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid),
            case when a.attstorage <> t.typstorage then format('storage %s', a.attstorage) end,
            case when a.attstattarget >= 0 then format('statistics %s', a.attstattarget) end
        )
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    join pg_catalog.pg_type t on t.oid = a.atttypid
    left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
    where r.relkind in ('r', 'p')
    union all
    select
        'constraint', format('%s on %s', c.conname, r.name),
        concat_ws(
            ' ',
            pg_catalog.pg_get_constraintdef(c.oid),
            case when not c.convalidated then 'and not validated' end
        )
    from relations r
    join pg_catalog.pg_constraint c on c.conrelid = r.oid and c.contype <> 't'
    union all
    select
        'index', format('%s on %s', x.relname, r.name),
        concat_ws(
            ' ',
            pg_catalog.pg_get_indexdef(i.indexrelid),
            case when not (i.indisvalid and i.indisready) then 'invalid' end
        )
    from relations r
    join pg_catalog.pg_index i on i.indrelid = r.oid
    join pg_catalog.pg_class x on x.oid = i.indexrelid
    union all
    select
        'statistics', format('%s on %s', s.stxname, r.name),
        concat_ws(
            ' ',
            pg_catalog.pg_get_statisticsobjdef(s.oid),
            case when s.stxstattarget >= 0 then format('statistics %s', s.stxstattarget) end
        )
    from relations r
    join pg_catalog.pg_statistic_ext s on s.stxrelid = r.oid
    union all
    select
        'policy', format('%s on %s', p.polname, r.name),
        concat_ws(
            ' ',
            case when not p.polpermissive then 'restrictive' end,
            'for',
            case p.polcmd
                when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                when 'd' then 'delete' else 'all'
            end,
            'to',
            (
                select string_agg(
                    case m.role when 0 then 'public' else m.role::regrole::text end, ', '
                    order by m.role::regrole::text
                )
                from unnest(p.polroles) m (role)
            ),
            'using (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
            'with check (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')'
        )
    from relations r
    join pg_catalog.pg_policy p on p.polrelid = r.oid
    union all
    select 'rule', format('%s on %s', w.rulename, r.name), pg_catalog.pg_get_ruledef(w.oid)
    from relations r
    join pg_catalog.pg_rewrite w on w.ev_class = r.oid and w.rulename <> '_RETURN'
    union all
    select 'function', f.name, pg_catalog.pg_get_functiondef(f.oid)
    from functions f
    where f.prokind in ('f', 'p')
    union all
    select
        'trigger', format('%s on %s', t.tgname, t.tgrelid::regclass),
        concat_ws(
            ' ',
            pg_catalog.pg_get_triggerdef(t.oid),
            case t.tgenabled
                when 'O' then null when 'D' then 'disabled' else format('enabled %s', t.tgenabled)
            end
        )
    from pg_catalog.pg_trigger t
    where
        not t.tgisinternal
        and (t.tgrelid in (select oid from relations) or t.tgfoid in (select oid from functions))
    union all
    select
        'grant',
        format(
            '%s to %s', g.name, case g.grantee when 0 then 'public' else g.grantee::regrole::text end
        ),
        string_agg(
            lower(g.privilege_type) || case when g.is_grantable then ' with grant option' else '' end, ', '
            order by g.privilege_type
        )
    from granted g
    where
        g.grantee <> g.owner
        and (
            g.grantee = 0
            or g.grantee::regrole::text in ('anon', 'authenticated', 'service_role')
        )
        -- In Postgres 17 and later, grant all includes this privilege.
        and g.privilege_type <> 'MAINTAIN'
    group by g.name, g.grantee
    union all
    select 'comment', r.name || coalesce('.' || a.attname, ''), d.description
    from relations r
    join pg_catalog.pg_description d on d.objoid = r.oid and d.classoid = 'pg_class'::regclass
    left join pg_catalog.pg_attribute a
        on d.objsubid > 0 and a.attrelid = r.oid and a.attnum = d.objsubid
    union all
    select 'comment', f.name, d.description
    from functions f
    join pg_catalog.pg_description d on d.objoid = f.oid and d.classoid = 'pg_proc'::regclass
    union all
    select
        'type', y.oid::regtype::text,
        (
            select string_agg(
                format('%I %s', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)), ', '
                order by a.attnum
            )
            from pg_catalog.pg_attribute a
            where a.attrelid = y.typrelid and a.attnum > 0 and not a.attisdropped
        )
    from pg_catalog.pg_type y
    join ours o on o.oid = y.typnamespace
    join pg_catalog.pg_class c on c.oid = y.typrelid and c.relkind = 'c'
    union all
    select 'comment', y.oid::regtype::text, d.description
    from pg_catalog.pg_type y
    join ours o on o.oid = y.typnamespace
    join pg_catalog.pg_class c on c.oid = y.typrelid and c.relkind = 'c'
    join pg_catalog.pg_description d on d.objoid = y.oid and d.classoid = 'pg_type'::regclass
    union all
    select 'comment', 'schema ' || o.nspname, d.description
    from ours o
    join pg_catalog.pg_description d on d.objoid = o.oid and d.classoid = 'pg_namespace'::regclass
    where o.nspname <> 'public'
)
select o.kind, o.name, o.definition
from objects o
-- Columns sort by position, all other objects by name.
left join places p on o.kind = 'column' and p.name = o.name
order by o.kind collate "C", coalesce(p.relation, o.name) collate "C", p.place
