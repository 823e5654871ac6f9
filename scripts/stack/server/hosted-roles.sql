-- The roles of hosted Supabase, for a cluster whose superuser is not called postgres. The role
-- postgres runs the migrations and owns the database, but is not a superuser. The REST API and the
-- auth API log in as two different roles, which have no other privileges. Idempotent.
do $$
begin
    if exists (select from pg_catalog.pg_roles where rolname = 'authenticator') then
        return;
    end if;
    create role anon nologin noinherit;
    create role authenticated nologin noinherit;
    create role service_role nologin noinherit bypassrls;

    create role postgres login createrole createdb bypassrls replication password 'postgres';
    grant pg_monitor, pg_read_all_data, pg_signal_backend to postgres;
    grant anon, authenticated, service_role to postgres with admin option;

    create role authenticator login noinherit password 'postgres';
    grant anon, authenticated, service_role to authenticator;
    alter role authenticator set statement_timeout = '8s';
    alter role authenticator set lock_timeout = '8s';

    create role supabase_auth_admin login noinherit createrole password 'postgres';
    alter role supabase_auth_admin set search_path = auth;
end
$$;

-- The platform allows it: restores of data set it to replica, which turns triggers off.
grant set on parameter session_replication_role to postgres
