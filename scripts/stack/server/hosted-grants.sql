-- The privileges on accounts that the owner of a hosted Supabase project has without owning the
-- tables.
grant usage on schema auth to postgres;
grant all on all tables in schema auth to postgres;
grant all on all routines in schema auth to postgres;

-- The local API reads accounts and sessions to check tokens. PostgREST does not read them.
grant usage on schema auth to authenticator;
grant select on table auth.users, auth.sessions to authenticator;
