-- The name, version and size of the database.
select
    current_database() as name,
    current_setting('server_version') as version,
    pg_database_size(current_database()) as size_bytes,
    now() as generated_at,
    (
        select d.stats_reset
        from pg_stat_database d
        where d.datname = current_database()
    ) as statistics_since
