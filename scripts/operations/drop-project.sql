-- Resets a local database to its state before the first migration. Drops everything that the
-- migrations and their users created. Keeps everything that Supabase itself created.
begin;

drop extension if exists vector cascade;

do $$
declare
    v_schema text;
begin
    for v_schema in
        select nspname
        from pg_catalog.pg_namespace
        where
            nspowner = current_user::regrole
            and nspname not in ('auth', 'extensions', 'public', 'information_schema')
            and nspname !~ '^pg_'
            -- Skips schemas of an extension, such as cron: they go or stay together with the extension.
            and not exists (
                select
                from pg_catalog.pg_depend d
                where
                    d.classid = 'pg_catalog.pg_namespace'::regclass
                    and d.objid = pg_namespace.oid
                    and d.deptype = 'e'
            )
    loop
        execute format('drop schema %I cascade', v_schema);
    end loop;
end
$$;

drop schema public cascade;
create schema public authorization pg_database_owner;
comment on schema public is 'standard public schema';
grant usage on schema public to public, anon, authenticated, service_role;
grant all on schema public to postgres;

delete from auth.users;

commit;
