-- Lists what API requests can name:
-- the relations of public, with the verbs granted to signed-in callers, their columns, their unique
-- keys and the relations that foreign keys join them with;
-- the functions of public and private, callable or not, with their arguments.
select
    (
        select jsonb_agg(
            jsonb_build_object(
                'name', c.relname,
                'isTable', c.relkind = 'r',
                'verbs', array(
                    select v.verb
                    from unnest(array['select', 'insert', 'update']) v (verb)
                    where has_any_column_privilege('authenticated', c.oid, v.verb)
                    union all
                    select 'delete'
                    where has_table_privilege('authenticated', c.oid, 'delete')
                ),
                'columns', (
                    select jsonb_agg(
                        jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, null))
                        order by a.attnum
                    )
                    from pg_attribute a
                    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                ),
                'keys', array(
                    select string_agg(a.attname, ',' order by array_position(i.indkey, a.attnum))
                    from pg_index i
                    join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
                    where i.indrelid = c.oid and i.indisunique
                    group by i.indexrelid
                    order by i.indexrelid
                ),
                'related', array(
                    select distinct r.relname
                    from pg_constraint f
                    join pg_class r
                        on r.oid = case f.conrelid when c.oid then f.confrelid else f.conrelid end
                    where
                        f.contype = 'f'
                        and c.oid in (f.conrelid, f.confrelid)
                        and r.relnamespace = 'public'::regnamespace
                    order by r.relname
                )
            )
            order by c.relname
        )
        from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm')
    ) as relations,
    (
        select jsonb_agg(
            jsonb_build_object(
                'name', p.proname,
                'isServed', p.pronamespace = 'public'::regnamespace,
                'isGranted', has_function_privilege('authenticated', p.oid, 'execute'),
                'args', (
                    select coalesce(
                        jsonb_agg(
                            jsonb_build_object('name', a.name, 'type', format_type(a.type, null))
                            order by a.n
                        ),
                        '[]'
                    )
                    from unnest(p.proargtypes::oid[], p.proargnames[:p.pronargs])
                        with ordinality a (type, name, n)
                )
            )
            order by p.pronamespace, p.proname
        )
        from pg_proc p
        where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
    ) as functions;
