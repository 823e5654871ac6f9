-- The roles of the hosted platform, in a cluster whose superuser has another name than postgres: who
-- migrates owns the database but is not its superuser, the halves of the API log in as different
-- roles, neither of which may do anything else. Idempotent.
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
$$
