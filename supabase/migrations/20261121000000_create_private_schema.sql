-- What every table stands on: the schema that the API does not serve, ids that sort by time, and
-- the trigger function that keeps `updated_at`.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create schema private;

comment on schema private is
    'Helpers, logs and all that a frontend must not call. The API does not serve this schema. '
    'authenticated and service_role have usage of it, and execute the functions that are granted '
    'one by one: through policies and defaults, and in invoker functions of your own.';

grant usage on schema private to authenticated, service_role;

create function private.uuid_v7()
returns uuid
language plpgsql
volatile
parallel safe
security invoker
set search_path = ''
as $$
begin
    -- 60 bits of time in 1/4096 ms, the version digit between the milliseconds and their fraction,
    -- and the second half of a version 4 uuid, which has the variant bits and 62 random ones.
    return (
        overlay(
            lpad(to_hex((extract(epoch from clock_timestamp()) * 4096000)::bigint), 15, '0')
            placing '7' from 13 for 0
        ) || right(gen_random_uuid()::text, 17)
    )::uuid;
end
$$;

comment on function private.uuid_v7() is
    'A uuid of version 7 (RFC 9562, method 3: the fraction of the millisecond in the 12 bits after '
    'the version): new keys land at the end of their index, and sort by the time they were made.';

revoke execute on function private.uuid_v7() from public, anon, authenticated;
grant execute on function private.uuid_v7() to authenticated, service_role;

create function public.update_updated_at_column()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    new.updated_at = now();
    return new;
end
$$;

comment on function public.update_updated_at_column() is
    'Trigger function: stamps the row with the time of the transaction that changes it.';

revoke execute on function public.update_updated_at_column() from public, anon, authenticated;
