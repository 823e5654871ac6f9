-- Leaves a local database as it was before the first migration: everything that the migrations and
-- their users made is gone, what the platform made stays.
begin;

drop schema if exists private cascade;
drop schema if exists supabase_migrations cascade;
drop extension if exists vector cascade;
drop schema public cascade;

create schema public authorization pg_database_owner;
comment on schema public is 'standard public schema';
grant usage on schema public to public, anon, authenticated, service_role;
grant all on schema public to postgres;

delete from auth.users;

commit;
