-- Sessions of the creative director: one account works with its agents on a task for a brand, from
-- the first idea to delivery. Only that account sees the session. A session carries the tenant of
-- its brand, so that it cannot point across tenants and its policies need no look-up of the brand.
--
-- Locks: share row exclusive on brands and auth.users for the foreign keys, for milliseconds.

set local lock_timeout = '5s';

create table public.conversation_sessions (
    id uuid not null default private.uuid_v7(),
    brand_id uuid not null,
    tenant_id uuid not null default private.current_tenant_id(),
    user_id uuid not null default auth.uid(),
    state text not null default 'initial',
    parsed_intent jsonb not null default '{}',
    answered_questions jsonb not null default '{}',
    pending_questions jsonb not null default '[]',
    selected_kb_ids uuid[] not null default '{}',
    active_task_plan_id uuid,
    created_at timestamptz not null default now(),
    last_activity_at timestamptz not null default now(),
    completed_at timestamptz,
    constraint conversation_sessions_pkey primary key (id, user_id),
    constraint conversation_sessions_brand_id_fkey foreign key (brand_id, tenant_id)
        references public.brands (id, tenant_id) on delete cascade,
    constraint conversation_sessions_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint conversation_sessions_state_is_known_check check (
        state in (
            'initial', 'clarifying', 'planning', 'executing', 'reviewing', 'delivered', 'cancelled'
        )
    ),
    constraint conversation_sessions_completed_when_terminal_check check (
        (state in ('delivered', 'cancelled')) = (completed_at is not null)
    ),
    constraint conversation_sessions_parsed_intent_is_object_check
        check (jsonb_typeof(parsed_intent) = 'object'),
    constraint conversation_sessions_answered_questions_is_object_check
        check (jsonb_typeof(answered_questions) = 'object'),
    constraint conversation_sessions_pending_questions_is_array_check
        check (jsonb_typeof(pending_questions) = 'array'),
    constraint conversation_sessions_parsed_intent_is_at_most_64_kb_check
        check (pg_column_size(parsed_intent) <= 65536),
    constraint conversation_sessions_answered_questions_is_at_most_64_kb_check
        check (pg_column_size(answered_questions) <= 65536),
    constraint conversation_sessions_pending_questions_is_at_most_64_kb_check
        check (pg_column_size(pending_questions) <= 65536),
    constraint conversation_sessions_selected_kb_ids_has_at_most_1000_check
        check (cardinality(selected_kb_ids) <= 1000)
);

comment on table public.conversation_sessions is
    'An account''s work with the creative director on a task for a brand. Only that account sees '
    'it, and only while it has an active membership in the brand''s tenant.';
comment on column public.conversation_sessions.tenant_id is
    'The tenant of the brand. Policies compare it with the caller''s tenant.';
comment on column public.conversation_sessions.user_id is 'The owner: an account, auth.users.id.';
comment on column public.conversation_sessions.state is
    'initial, clarifying, planning, executing, reviewing, delivered or cancelled. The last two are '
    'final.';
comment on column public.conversation_sessions.parsed_intent is
    'The request, as the director understood it.';
comment on column public.conversation_sessions.answered_questions is 'The answers, by question.';
comment on column public.conversation_sessions.pending_questions is
    'Questions that still need an answer.';
comment on column public.conversation_sessions.selected_kb_ids is
    'Entries of the application''s knowledge base that the session may use.';
comment on column public.conversation_sessions.active_task_plan_id is
    'The current plan. Plans are stored by the application.';
comment on column public.conversation_sessions.last_activity_at is
    'Time of the last change or message.';
comment on column public.conversation_sessions.completed_at is
    'When the session was delivered or cancelled; null while it is open.';

-- Serves "my sessions", newest first, and the foreign key of the account.
create index idx_conversation_sessions_user_activity
    on public.conversation_sessions (user_id, last_activity_at, id);
-- Serves the sessions of a brand and its foreign key.
create index idx_conversation_sessions_brand
    on public.conversation_sessions (brand_id, tenant_id);
-- Serves "my open sessions for this brand".
create index idx_conversation_sessions_open
    on public.conversation_sessions (user_id, brand_id, last_activity_at)
    where completed_at is null;
-- Serves the report, which looks for idle open sessions of all accounts. An expression for the same
-- reason as idx_conversations_idle.
create index idx_conversation_sessions_idle
    on public.conversation_sessions (timezone('utc', last_activity_at))
    where completed_at is null;
-- Serves the maintenance, which deletes old finished sessions of all accounts.
create index idx_conversation_sessions_finished
    on public.conversation_sessions (timezone('utc', completed_at))
    where completed_at is not null;

alter table public.conversation_sessions enable row level security;

create function private.fill_tenant_from_brand()
returns trigger
language plpgsql
-- Definer: it looks up the parent row for callers without a tenant, such as the service role.
security definer
set search_path = ''
as $$
begin
    if auth.uid() is not null then
        new.tenant_id = private.current_tenant_id();
    else
        new.tenant_id = coalesce(
            (select b.tenant_id from public.brands b where b.id = new.brand_id),
            '00000000-0000-0000-0000-000000000000'
        );
    end if;
    return new;
end
$$;

comment on function private.fill_tenant_from_brand() is
    'Trigger function: fills tenant_id of a session from its brand, if the row has no tenant.';

revoke execute on function private.fill_tenant_from_brand() from public, anon, authenticated;

create function public.update_session_activity()
returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    if (new.id, new.user_id, new.brand_id, new.tenant_id)
        is distinct from (old.id, old.user_id, old.brand_id, old.tenant_id)
    then
        raise exception 'cannot change the account or the brand of a session'
            using errcode = 'integrity_constraint_violation';
    end if;
    if old.completed_at is not null and new is distinct from old then
        raise exception 'session % is already %', old.id, old.state
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if new.state in ('delivered', 'cancelled') and old.completed_at is null then
        new.completed_at = now();
    end if;
    if new is distinct from old and new.last_activity_at = old.last_activity_at then
        new.last_activity_at = now();
    end if;
    return new;
end
$$;

comment on function public.update_session_activity() is
    'Trigger function: sets last_activity_at when a row changes, and completed_at when its state '
    'becomes final. Fails with 55000 when a finished session changes, and with 23000 when the '
    'account or the brand changes.';

revoke execute on function public.update_session_activity()
    from public, anon, authenticated, service_role;

create function private.finish_conversation_session(p_session_id uuid, p_state text)
returns public.conversation_sessions
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_session public.conversation_sessions;
begin
    -- Two concurrent calls: the second waits here and then finds the session finished. For the
    -- service role, an id that two accounts use fails with P0003 and changes neither session.
    update public.conversation_sessions s
    set state = p_state
    where s.id = p_session_id and s.completed_at is null
    returning s.* into v_session;
    if found then
        return v_session;
    end if;
    select s.* into v_session
    from public.conversation_sessions s
    where s.id = p_session_id;
    if not found then
        raise exception 'session % not found', p_session_id
            using errcode = 'no_data_found';
    end if;
    raise exception 'session % is already %', p_session_id, v_session.state
        using errcode = 'object_not_in_prerequisite_state';
end
$$;

comment on function private.finish_conversation_session(uuid, text) is
    'Moves an open session of the caller to a final state and returns it. Fails with P0002 for an '
    'unknown session and with 55000 for a finished one.';

revoke execute on function private.finish_conversation_session(uuid, text)
    from public, anon, authenticated;
grant execute on function private.finish_conversation_session(uuid, text)
    to authenticated, service_role;

create function public.complete_conversation_session(p_session_id uuid)
returns public.conversation_sessions
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return private.finish_conversation_session(p_session_id, 'delivered');
end
$$;

comment on function public.complete_conversation_session(uuid) is
    'Sets the state of the caller''s session (for the service role: of any session) to delivered '
    'and returns the session. Fails with P0002 when there is no such session, and with 55000 when '
    'it is already delivered or cancelled.';

revoke execute on function public.complete_conversation_session(uuid)
    from public, anon, authenticated, service_role;
grant execute on function public.complete_conversation_session(uuid)
    to authenticated, service_role;

create function public.cancel_conversation_session(p_session_id uuid)
returns public.conversation_sessions
language plpgsql
volatile
security invoker
set search_path = ''
as $$
begin
    return private.finish_conversation_session(p_session_id, 'cancelled');
end
$$;

comment on function public.cancel_conversation_session(uuid) is
    'Same as complete_conversation_session(), but sets the state to cancelled.';

revoke execute on function public.cancel_conversation_session(uuid)
    from public, anon, authenticated, service_role;
grant execute on function public.cancel_conversation_session(uuid)
    to authenticated, service_role;

create trigger trigger_conversation_sessions_fill_tenant
    before insert on public.conversation_sessions
    for each row when (new.tenant_id is null)
    execute function private.fill_tenant_from_brand();

create trigger trigger_conversation_sessions_activity
    before update on public.conversation_sessions
    for each row execute function public.update_session_activity();

create policy conversation_sessions_select_self on public.conversation_sessions
    for select to authenticated
    using (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    );

create policy conversation_sessions_insert_self on public.conversation_sessions
    for insert to authenticated
    with check (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    );

create policy conversation_sessions_update_self on public.conversation_sessions
    for update to authenticated
    using (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    )
    with check (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    );

create policy conversation_sessions_delete_self on public.conversation_sessions
    for delete to authenticated
    using (
        user_id = (select auth.uid())
        and tenant_id = (select private.current_tenant_id())
    );

revoke all on table public.conversation_sessions from public, anon, authenticated, service_role;
grant select (
    id, brand_id, tenant_id, user_id, state, parsed_intent, answered_questions,
    pending_questions, selected_kb_ids, active_task_plan_id, created_at, last_activity_at,
    completed_at
) on table public.conversation_sessions to authenticated;
grant delete on table public.conversation_sessions to authenticated;
grant insert (
    brand_id, tenant_id, user_id, state, parsed_intent, answered_questions, pending_questions,
    selected_kb_ids, active_task_plan_id
) on table public.conversation_sessions to authenticated;
grant update (
    state, parsed_intent, answered_questions, pending_questions, selected_kb_ids,
    active_task_plan_id
) on table public.conversation_sessions to authenticated;
grant all on table public.conversation_sessions to service_role;
