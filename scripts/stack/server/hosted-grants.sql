-- What the hosted platform lets the owner of a project do with accounts, short of owning them.
grant usage on schema auth to postgres;
grant all on all tables in schema auth to postgres;
grant all on all routines in schema auth to postgres;

-- The API's token check; PostgREST itself reads no accounts.
grant usage on schema auth to authenticator;
grant select on table auth.users, auth.sessions to authenticator;
