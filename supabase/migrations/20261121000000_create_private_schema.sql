-- The base of all tables: a schema that the API does not serve, ids that sort by time, and the
-- trigger function that maintains `updated_at`.
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create schema private;

comment on schema private is
    'Helpers, logs and everything that a frontend must not call. The API does not serve this '
    'schema. authenticated and service_role have usage and execute single functions, so that '
    'policies, defaults and a team''s own invoker functions can call them.';

grant usage on schema private to authenticated, service_role;

create function private.uuid_v7()
returns uuid
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    -- In units of 1/4096 ms. Later than the previous id of the transaction, even if the clock has
    -- not advanced: on the embedded engine it advances once per millisecond.
    v_time bigint = greatest(
        (extract(epoch from clock_timestamp()) * 4096000)::bigint,
        nullif(current_setting('private.uuid_v7_time', true), '')::bigint + 1
    );
begin
    perform set_config('private.uuid_v7_time', v_time::text, true);
    -- The first half has 60 bits of time. The version digit stands between the milliseconds and
    -- their fraction. The second half is that of a version 4 uuid: the variant bits and 62 random
    -- bits.
    return (
        overlay(lpad(to_hex(v_time), 15, '0') placing '7' from 13 for 0)
        || right(gen_random_uuid()::text, 17)
    )::uuid;
end
$$;

comment on function private.uuid_v7() is
    'Returns a uuid of version 7 (RFC 9562, method 3: the 12 bits after the version hold the '
    'fraction of the millisecond). New keys go to the end of their index and sort by creation '
    'time. Those of one transaction always ascend.';

revoke execute on function private.uuid_v7() from public, anon, authenticated;
grant execute on function private.uuid_v7() to authenticated, service_role;

create function public.update_updated_at_column()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if new.updated_at = old.updated_at then
        new.updated_at = now();
    end if;
    return new;
end
$$;

comment on function public.update_updated_at_column() is
    'Trigger function: sets updated_at to the start of the current transaction, unless the update '
    'sets another value, as an import does.';

revoke execute on function public.update_updated_at_column()
    from public, anon, authenticated, service_role;
