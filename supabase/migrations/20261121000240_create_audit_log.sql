-- The audit log: which account changed which row of a tenant's administration, when, from where,
-- and how. Triggers write it. No role can change or delete an entry.
--
-- Later migrations add the trigger to their tables.
--
-- Locks: share row exclusive on tenants and users for the triggers, for milliseconds.

set local lock_timeout = '5s';

create table public.audit_log (
    id uuid not null default private.uuid_v7(),
    tenant_id uuid not null,
    at timestamptz not null default now(),
    actor_id uuid,
    actor_role text not null,
    action text not null,
    relation text not null,
    row_id uuid,
    before jsonb not null default '{}',
    after jsonb not null default '{}',
    request jsonb not null default '{}',
    constraint audit_log_pkey primary key (id, tenant_id),
    constraint audit_log_action_is_not_blank_check check (action ~ '\S'),
    constraint audit_log_relation_is_not_blank_check check (relation ~ '\S'),
    constraint audit_log_before_is_object_check check (jsonb_typeof(before) = 'object'),
    constraint audit_log_after_is_object_check check (jsonb_typeof(after) = 'object'),
    constraint audit_log_request_is_object_check check (jsonb_typeof(request) = 'object'),
    constraint audit_log_actor_role_is_at_most_100_long_check
        check (char_length(actor_role) <= 100),
    constraint audit_log_action_is_at_most_100_long_check check (char_length(action) <= 100),
    constraint audit_log_relation_is_at_most_100_long_check check (char_length(relation) <= 100),
    constraint audit_log_before_is_at_most_1024_kb_check check (pg_column_size(before) <= 1048576),
    constraint audit_log_after_is_at_most_1024_kb_check check (pg_column_size(after) <= 1048576),
    constraint audit_log_request_is_at_most_4_kb_check check (pg_column_size(request) <= 4096)
);

-- Keep no statistics on texts, because the service role can write any.
alter table public.audit_log
    alter column actor_role set statistics 0,
    alter column action set statistics 0,
    alter column relation set statistics 0;

comment on table public.audit_log is
    'Changes to a tenant and to its memberships, invitations and brands. Admins read the entries of '
    'their tenant. The service role can add entries. Nobody can change or delete an entry. Has no '
    'foreign keys, so that an entry outlives its tenant and its row.';
comment on column public.audit_log.actor_id is
    'The account (auth.users.id) that made the change. Null without a sign-in, for example for the '
    'service role. Compare it with users.auth_id, and with users.former_auth_id for former members.';
comment on column public.audit_log.actor_role is
    'The role of the actor in the tenant, such as owner. If the actor has no membership, or nobody '
    'is signed in: the role in the database, such as authenticated or service_role.';
comment on column public.audit_log.action is
    'insert, update or delete. The service role can add other actions.';
comment on column public.audit_log.relation is 'The table of the changed row, such as users.';
comment on column public.audit_log.row_id is 'The id of the changed row.';
comment on column public.audit_log.before is
    'The values before the change: the changed columns of an update, the whole row of a delete.';
comment on column public.audit_log.after is
    'The values after the change: the changed columns of an update, the whole row of an insert.';
comment on column public.audit_log.request is
    'method, path and address of the API request, without its query and its headers. Empty for a '
    'change outside of the API. A client can forge the address.';

-- Finds the newest entries of a tenant.
create index idx_audit_log_tenant_id on public.audit_log (tenant_id, id);
-- Finds the history of one row.
create index idx_audit_log_row on public.audit_log (tenant_id, row_id, id);

alter table public.audit_log enable row level security;

create function private.current_request()
returns jsonb
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_headers jsonb = nullif(current_setting('request.headers', true), '')::jsonb;
    v_address text = coalesce(
        v_headers ->> 'cf-connecting-ip',
        split_part(v_headers ->> 'x-forwarded-for', ',', 1)
    );
begin
    return jsonb_strip_nulls(jsonb_build_object(
        'method', nullif(current_setting('request.method', true), ''),
        'path', nullif(left(current_setting('request.path', true), 200), ''),
        -- Only the characters of an address, because a client can send any text as this header.
        'address', case when v_address ~ '^[0-9a-fA-F:.]{2,45}$' then v_address end
    ));
end
$$;

comment on function private.current_request() is
    'Returns method, path and address of the API request that is being served, as far as they are '
    'known. Never returns another header, because headers contain the caller''s token.';

create function private.record_change()
returns trigger
language plpgsql
-- Definer: callers may change the row, but cannot write the log themselves.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_old jsonb = case when tg_op <> 'INSERT' then to_jsonb(old) else '{}' end;
    v_new jsonb = case when tg_op <> 'DELETE' then to_jsonb(new) else '{}' end;
    v_row jsonb = case when tg_op = 'DELETE' then v_old else v_new end;
    -- The trigger's argument is the column that contains the tenant.
    v_tenant_id uuid = (v_row ->> tg_argv[0])::uuid;
    v_entry public.audit_log;
begin
    if tg_op = 'UPDATE' then
        select
            coalesce(jsonb_object_agg(o.key, o.value), '{}'),
            coalesce(jsonb_object_agg(o.key, v_new -> o.key), '{}')
        into v_old, v_new
        from jsonb_each(v_old) o
        where
            o.value is distinct from v_new -> o.key
            -- Leave out is_default, because its history reveals when the person is in other tenants.
            and o.key not in ('updated_at', 'last_active_at', 'is_default');
        if v_old = '{}' then
            return null;
        end if;
    end if;
    insert into public.audit_log (
        tenant_id, actor_id, actor_role, action, relation, row_id, before, after, request
    )
    values (
        v_tenant_id,
        v_account_id,
        coalesce(
            -- The actor's own membership: its role before the change.
            case when to_jsonb(old) ->> 'auth_id' = v_account_id::text then to_jsonb(old) ->> 'role' end,
            (
                select u.role from public.users u
                where u.auth_id = v_account_id and u.tenant_id = v_tenant_id
            ),
            nullif(current_setting('role'), 'none'),
            session_user
        ),
        lower(tg_op),
        tg_table_name,
        (v_row ->> 'id')::uuid,
        v_old,
        v_new,
        private.current_request()
    );
    return null;
end
$$;

comment on function private.record_change() is
    'Trigger function: writes the change of a row to the audit log. A change of only updated_at, '
    'last_active_at or is_default leaves no entry. The argument of the trigger is the column that '
    'contains the tenant.';

create function private.refuse_change_of_audit_log()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    raise exception 'cannot % entries of the audit log', lower(tg_op)
        using errcode = 'object_not_in_prerequisite_state', hint = 'Add a new entry instead.';
end
$$;

comment on function private.refuse_change_of_audit_log() is
    'Trigger function: refuses every update, delete and truncate of the audit log with 55000.';

revoke execute on function private.current_request() from public, anon, authenticated;
revoke execute on function private.record_change() from public, anon, authenticated;
revoke execute on function private.refuse_change_of_audit_log() from public, anon, authenticated;

create trigger trigger_audit_log_refuse_change
    before update or delete or truncate on public.audit_log
    for each statement execute function private.refuse_change_of_audit_log();

create trigger trigger_tenants_record_change
    after insert or update or delete on public.tenants
    for each row execute function private.record_change('id');

create trigger trigger_users_record_change
    after insert or update or delete on public.users
    for each row execute function private.record_change('tenant_id');

create policy audit_log_select_admin on public.audit_log
    for select to authenticated
    using (
        tenant_id = (select private.current_tenant_id()) and (select private.is_tenant_admin())
    );

revoke all on table public.audit_log from public, anon, authenticated, service_role;
grant select (
    id, tenant_id, at, actor_id, actor_role, action, relation, row_id, before, after, request
) on table public.audit_log to authenticated;
grant all on table public.audit_log to service_role;
