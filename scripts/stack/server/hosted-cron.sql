-- pg_cron with the privileges that the owner of a hosted Supabase project has.
create extension pg_cron;
grant usage on schema cron to postgres;
grant all on all tables in schema cron to postgres;
revoke all on table cron.job from postgres;
grant select on table cron.job to postgres;
