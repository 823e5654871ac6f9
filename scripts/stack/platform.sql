-- Creates what a hosted Supabase project has before the first migration, except the schema auth:
-- the API roles and the schema for extensions. Idempotent.
do $$
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'anon') then
        create role anon nologin noinherit;
        create role authenticated nologin noinherit;
        create role service_role nologin noinherit bypassrls;
    end if;
end
$$;

create schema if not exists extensions;
create extension if not exists pgcrypto with schema extensions;

grant usage on schema public, extensions, auth to anon, authenticated, service_role;
