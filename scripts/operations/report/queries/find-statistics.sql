-- Sets the search path to the schema of pg_stat_statements, or to nothing if it is not installed.
select set_config(
    'search_path',
    coalesce(
        (
            select quote_ident(n.nspname)
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            where c.relname = 'pg_stat_statements' and c.relkind = 'v'
            order by n.nspname = 'extensions' desc, n.nspname
            limit 1
        ),
        ''
    ),
    true
)
