-- Lists what can bypass the policies although every object of the project is as expected. One row
-- per finding: its group, its name, and what is wrong.
--
-- $1: the expected functions, e.g. public.f(uuid)
-- $2: the expected relations, e.g. public.users
with
api_roles as (
    select r.oid, r.rolname
    from pg_catalog.pg_roles r
    where r.rolname in ('anon', 'authenticated', 'service_role')
),
ours as (
    select c.*, format('%s.%s', c.relnamespace::regnamespace, c.relname) as name
    from pg_catalog.pg_class c
    where
        c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and format('%s.%s', c.relnamespace::regnamespace, c.relname) = any ($2::text[])
),
-- Functions of nobody else: not those of extensions, and not the expected ones.
foreign_functions as (
    select p.*, p.oid::regprocedure::text as name
    from pg_catalog.pg_proc p
    where
        p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and p.oid::regprocedure::text <> all ($1::text[])
        and not exists (
            select
            from pg_catalog.pg_depend d
            where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
        )
        and exists (
            select from api_roles r where has_function_privilege(r.oid, p.oid, 'execute')
        )
),
project_owner as (
    select n.nspowner as oid from pg_catalog.pg_namespace n where n.nspname = 'private'
)
-- Roles.
select 'role' as group, r.rolname as name, 'is a member of ' || m.roleid::regrole as problem
from api_roles r
join pg_catalog.pg_auth_members m on m.member = r.oid
union all
select 'role', r.rolname, 'can ' || a.ability
from pg_catalog.pg_roles r
cross join lateral (
    values
        ('create roles', r.rolcreaterole), ('create databases', r.rolcreatedb),
        ('log in', r.rolcanlogin), ('replicate', r.rolreplication)
) a (ability, has)
where a.has and r.oid in (select oid from api_roles)
union all
select
    'setting',
    case s.setrole when 0 then 'every role' else s.setrole::regrole::text end,
    format('%s = %s', split_part(c.setting, '=', 1), substr(c.setting, strpos(c.setting, '=') + 1))
from pg_catalog.pg_db_role_setting s
cross join unnest(s.setconfig) c (setting)
where
    s.setdatabase in (0, (select oid from pg_catalog.pg_database where datname = current_database()))
    and (
        split_part(c.setting, '=', 1) in ('row_security', 'session_replication_role')
        or (
            s.setrole::regrole::text in ('anon', 'authenticated', 'service_role', 'authenticator')
            and (
                split_part(c.setting, '=', 1) in ('search_path', 'role')
                -- Without a time limit, one request can hold locks and a connection for ever.
                or c.setting ~ '^(statement|lock)_timeout=0+[a-z]*$'
            )
        )
    )
union all
-- Owners.
select 'owner', o.name, format('belongs to %s', o.relowner::regrole)
from ours o
where o.relowner <> (select oid from project_owner)
union all
select 'owner', p.oid::regprocedure::text, format('belongs to %s', p.proowner::regrole)
from pg_catalog.pg_proc p
where
    p.oid::regprocedure::text = any ($1::text[])
    and p.proowner <> (select oid from project_owner)
union all
select 'owner', 'schema private', format('belongs to %s', r.rolname)
from api_roles r
join project_owner o on o.oid = r.oid
union all
-- Functions and views that API roles can use.
select 'function', f.name, 'unexpected: runs with its owner''s rights'
from foreign_functions f
where f.prosecdef
union all
select 'function', f.name, 'unexpected: has the name of a function of the project'
from foreign_functions f
where
    format('%s.%s', f.pronamespace::regnamespace, f.proname)
    in (select split_part(e.name, '(', 1) from unnest($1::text[]) e (name))
union all
select 'function', f.name, format('unexpected: a computed column of %s', o.name)
from foreign_functions f
join ours o on o.reltype = f.proargtypes[0] and f.pronargs = 1
union all
select 'view', v.oid::regclass::text, 'unexpected: reads with its owner''s rights'
from pg_catalog.pg_class v
where
    v.relnamespace in ('public'::regnamespace, 'private'::regnamespace)
    and v.relkind in ('v', 'm')
    and format('%s.%s', v.relnamespace::regnamespace, v.relname) <> all ($2::text[])
    and (v.relkind = 'm' or coalesce(v.reloptions::text, '') !~ 'security_invoker=(true|on|1)')
    and exists (
        select
        from api_roles r
        where r.rolname <> 'service_role' and has_any_column_privilege(r.oid, v.oid, 'select')
    )
    -- A view of other relations reveals nothing of the project.
    and exists (
        select
        from pg_catalog.pg_depend d
        join pg_catalog.pg_rewrite w on w.oid = d.objid and w.ev_class = v.oid
        where
            d.classid = 'pg_rewrite'::regclass
            and d.refclassid = 'pg_class'::regclass
            and (
                d.refobjid in (select oid from ours)
                or d.refobjid = any (
                    select c.oid from pg_catalog.pg_class c where c.relnamespace = 'auth'::regnamespace
                )
            )
    )
union all
-- Grants that the catalog does not list.
select
    'grant', format('%s.%s to %s', o.name, a.attname, x.grantee::regrole),
    'unexpected: ' || lower(x.privilege_type)
from ours o
join pg_catalog.pg_attribute a on a.attrelid = o.oid and a.attnum < 0 and a.attacl is not null
cross join aclexplode(a.attacl) x
where x.grantee = 0 or x.grantee in (select oid from api_roles)
union all
select 'grant', format('%s to %s', o.name, r.rolname), 'unexpected: maintain'
from ours o
cross join api_roles r
cross join aclexplode(o.relacl) x
where x.grantee = r.oid and r.rolname <> 'service_role' and x.privilege_type = 'MAINTAIN'
union all
select 'grant', format('%s to %s', t.relation, r.rolname), 'unexpected: a privilege on accounts'
from (
    select c.oid, c.oid::regclass::text as relation
    from pg_catalog.pg_class c
    where c.relnamespace = 'auth'::regnamespace and c.relkind in ('r', 'v')
) t
cross join api_roles r
where
    r.rolname <> 'service_role'
    and has_any_column_privilege(r.oid, t.oid, 'select, insert, update, references')
union all
select
    'default privilege',
    format(
        '%s of %s to %s', case d.defaclobjtype
            when 'r' then 'tables' when 'f' then 'functions' when 'S' then 'sequences'
            when 'T' then 'types' else 'schemas'
        end,
        coalesce('schema ' || nullif(d.defaclnamespace, 0)::regnamespace, 'every schema'),
        case x.grantee when 0 then 'public' else x.grantee::regrole::text end
    ),
    'unexpected: new objects are granted'
from pg_catalog.pg_default_acl d
cross join aclexplode(d.defaclacl) x
-- Older projects have default privileges in public, which the migrations revoke object by object.
where
    d.defaclnamespace in (0, 'private'::regnamespace)
    and d.defaclobjtype in ('r', 'f', 'S')
    and (x.grantee in (select oid from api_roles) or (x.grantee = 0 and d.defaclobjtype <> 'f'))
union all
-- What runs or reads beside the API.
select 'trigger', format('%s on auth.users', t.tgname), 'unexpected: sees every account'
from pg_catalog.pg_trigger t
where
    not t.tgisinternal
    and t.tgrelid = 'auth.users'::regclass
    and t.tgfoid::regprocedure::text <> all ($1::text[])
union all
select 'event trigger', e.evtname, format('unexpected: calls %s', e.evtfoid::regproc)
from pg_catalog.pg_event_trigger e
join pg_catalog.pg_proc p on p.oid = e.evtfoid
-- Hosted Supabase has event triggers of its own.
where p.pronamespace::regnamespace::text <> 'extensions' and e.evtenabled <> 'D'
union all
select 'publication', p.pubname, 'unexpected: publishes every table'
from pg_catalog.pg_publication p
where p.puballtables
union all
select 'publication', p.pubname, format('unexpected: publishes %s', o.name)
from pg_catalog.pg_publication p
join pg_catalog.pg_publication_rel l on l.prpubid = p.oid
join ours o on o.oid = l.prrelid
-- Realtime applies the policies to what it reads from this publication.
where p.pubname <> 'supabase_realtime'
order by 1, 2, 3
