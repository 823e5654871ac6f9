-- Lists everything in the schema that can be dropped or weakened, except the terms of policies: one
-- row per mutant, with the statement that makes it. The list comes from the catalog, so that a new
-- object gets its mutants automatically.
with
relations as (
    select c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) as name, n.nspname, c.relname,
        c.relacl
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('public', 'private') and c.relkind in ('r', 'v', 'm')
),
columns as (
    select r.name, r.relname, r.oid, a.attname, a.attnum
    from relations r
    join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    where r.relkind = 'r' and r.nspname = 'public'
),
functions as (
    select p.oid, p.proname, p.oid::regprocedure::text as name
    from pg_catalog.pg_proc p
    join pg_catalog.pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('public', 'private')
),
verbs as (
    select v.verb, v.is_for_columns
    from (
        values ('select', true), ('insert', true), ('update', true), ('delete', false)
    ) v (verb, is_for_columns)
)
select 'policy dropped' as kind, format('%s on %s', p.polname, r.name) as name, p.polname as object,
    r.relname as table, format('drop policy %I on %s', p.polname, r.name) as statement
from pg_catalog.pg_policy p
join relations r on r.oid = p.polrelid
union all
select 'row level security off', r.name, r.relname, r.relname,
    format('alter table %s disable row level security', r.name)
from relations r
where r.relkind = 'r' and r.nspname = 'public'
union all
select 'view with its owner''s rights', r.name, r.relname, r.relname,
    format('alter view %s set (security_invoker = false)', r.name)
from relations r
where r.relkind = 'v' and r.nspname = 'public'
union all
select 'grant revoked', format('%s on %s from %s', v.verb, r.name, g.role), r.relname, r.relname,
    format('revoke %s on table %s from %s', v.verb, r.name, g.role)
from relations r
cross join verbs v
cross join (values ('authenticated'), ('service_role')) g (role)
where exists (
    select
    from pg_catalog.aclexplode(r.relacl) a
    where a.grantee = g.role::regrole and a.privilege_type = upper(v.verb)
)
union all
select 'grant added', format('%s on %s to %s', v.verb, r.name, g.role), r.relname, r.relname,
    format('grant %s on table %s to %s', v.verb, r.name, g.role)
from relations r
cross join (select verb from verbs union all values ('truncate')) v
cross join (values ('anon'), ('authenticated'), ('service_role')) g (role)
where not has_table_privilege(g.role, r.oid, v.verb)
    -- Leaves out privileges that do not apply to a view or a materialized view.
    and not (r.relkind = 'm' and v.verb <> 'select')
    and not (r.relkind = 'v' and v.verb = 'truncate')
    and not (r.nspname = 'private' and g.role = 'service_role')
union all
select 'column revoked', format('%s of %s.%I', v.verb, c.name, c.attname), c.attname, c.relname,
    format('revoke %s (%I) on table %s from authenticated', v.verb, c.attname, c.name)
from columns c
join verbs v on v.is_for_columns
where has_column_privilege('authenticated', c.oid, c.attnum, v.verb)
    and not has_table_privilege('authenticated', c.oid, v.verb)
union all
select 'column granted', format('%s of %s.%I', v.verb, c.name, c.attname), c.attname, c.relname,
    format('grant %s (%I) on table %s to authenticated', v.verb, c.attname, c.name)
from columns c
join verbs v on v.is_for_columns
where not has_column_privilege('authenticated', c.oid, c.attnum, v.verb)
    and has_any_column_privilege('authenticated', c.oid, v.verb)
union all
select 'execute revoked', format('%s from %s', f.name, g.role), f.proname, f.proname,
    format('revoke execute on function %s from %s', f.name, g.role)
from functions f
cross join (values ('authenticated'), ('service_role')) g (role)
where has_function_privilege(g.role, f.oid, 'execute')
union all
select 'execute granted', format('%s to %s', f.name, g.role), f.proname, f.proname,
    format('grant execute on function %s to %s', f.name, g.role)
from functions f
cross join (values ('anon'), ('authenticated'), ('service_role')) g (role)
where not has_function_privilege(g.role, f.oid, 'execute')
union all
select 'schema opened', format('private to %s', g.role), 'private', 'private',
    format('grant usage on schema private to %s', g.role)
from (values ('anon'), ('authenticated'), ('service_role')) g (role)
where not has_schema_privilege(g.role, 'private', 'usage')
union all
select 'check without effect', format('%s on %s', c.conname, r.name), c.conname, r.relname,
    format(
        'alter table %1$s drop constraint %2$I, add constraint %2$I check (true)', r.name, c.conname
    )
from pg_catalog.pg_constraint c
join relations r on r.oid = c.conrelid
where c.contype = 'c'
union all
select 'constraint dropped', format('%s on %s', c.conname, r.name), c.conname, r.relname,
    format('alter table %s drop constraint %I', r.name, c.conname)
from pg_catalog.pg_constraint c
join relations r on r.oid = c.conrelid
where c.contype in ('u', 'f')
union all
select 'trigger dropped', format('%s on %s', t.tgname, t.tgrelid::regclass), t.tgname, t.tgname,
    format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
from pg_catalog.pg_trigger t
where not t.tgisinternal and t.tgfoid in (select oid from functions)
union all
select 'trigger disabled', format('%s on %s', t.tgname, t.tgrelid::regclass), t.tgname, t.tgname,
    format('alter table %s disable trigger %I', t.tgrelid::regclass, t.tgname)
from pg_catalog.pg_trigger t
where not t.tgisinternal and t.tgfoid in (select oid from functions)
order by 1, 2
