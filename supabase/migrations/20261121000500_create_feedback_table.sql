-- Feedback: thumbs up or down on a message, once per member and message. A function returns a live
-- summary per message. A materialized view has the same for all tenants and is refreshed daily.
--
-- Locks: share row exclusive on messages and users for the foreign keys, for milliseconds.

set local lock_timeout = '5s';

create table public.feedback (
    id uuid not null default private.uuid_v7(),
    message_id uuid not null,
    tenant_id uuid not null default private.current_tenant_id(),
    user_id uuid not null default private.current_user_id(),
    rating smallint not null,
    comment text,
    created_at timestamptz not null default now(),
    constraint feedback_pkey primary key (id, tenant_id),
    constraint feedback_message_id_user_id_key unique (message_id, user_id),
    constraint feedback_message_id_fkey foreign key (message_id, tenant_id)
        references public.messages (id, tenant_id) on delete cascade,
    constraint feedback_user_id_fkey foreign key (user_id, tenant_id)
        references public.users (id, tenant_id) on delete cascade,
    constraint feedback_rating_is_up_or_down_check check (rating in (-1, 1)),
    constraint feedback_comment_is_at_most_5000_long_check check (char_length(comment) <= 5000)
);

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other tenants
-- wrote.
alter table public.feedback alter column comment set statistics 0;

comment on table public.feedback is
    'A member''s rating of a message. Members of the tenant read it; only its author writes it.';
comment on column public.feedback.user_id is 'The author: a membership, users.id.';
comment on column public.feedback.rating is '1 for thumbs up, -1 for thumbs down.';
comment on column public.feedback.comment is 'Reason for the rating; at most 5000 characters.';

-- Serves the feedback of a message and the foreign key.
create index idx_feedback_message on public.feedback (message_id, tenant_id);
-- Serves "my feedback" and the foreign key.
create index idx_feedback_user on public.feedback (user_id, tenant_id);
-- Serves pages in the order of the ids, for the same reason as idx_conversations_tenant_id.
create index idx_feedback_tenant_id on public.feedback (tenant_id, id);

-- Same reason as conversations_user_tenant.
create statistics public.feedback_user_tenant (dependencies)
    on user_id, tenant_id from public.feedback;

alter table public.feedback enable row level security;

create view private.feedback_by_message
with (security_invoker = true)
as
select
    f.tenant_id,
    f.message_id,
    m.conversation_id,
    count(*) as feedback_count,
    count(*) filter (where f.rating = 1) as positive_count,
    count(*) filter (where f.rating = -1) as negative_count,
    round(avg(f.rating), 4) as average_rating,
    max(f.created_at) as last_feedback_at
from public.feedback f
join public.messages m on m.id = f.message_id and m.tenant_id = f.tenant_id
group by f.tenant_id, f.message_id, m.conversation_id;

comment on view private.feedback_by_message is
    'Feedback per message of all tenants, live. A filter by tenant or conversation reads only the '
    'rows of that tenant or conversation.';

create materialized view public.message_feedback_summary as
select
    s.tenant_id,
    s.message_id,
    s.conversation_id,
    s.feedback_count,
    s.positive_count,
    s.negative_count,
    s.average_rating,
    s.last_feedback_at
from private.feedback_by_message s;

comment on materialized view public.message_feedback_summary is
    'Feedback per message of all tenants, as of the last refresh, for reports of the service role. '
    'Members call get_message_feedback_summary(), which is live.';
comment on column public.message_feedback_summary.average_rating is
    'Mean rating from -1 (all down) to 1 (all up), with four decimal places.';

-- The unique index allows `refresh … concurrently`; the other serves reports. Creating them
-- blocks nobody, because the view is new in this transaction.
-- squawk-ignore require-concurrent-index-creation
create unique index idx_message_feedback_summary_message
    on public.message_feedback_summary (message_id, tenant_id);
-- squawk-ignore require-concurrent-index-creation
create index idx_message_feedback_summary_conversation
    on public.message_feedback_summary (tenant_id, conversation_id);

create function private.fill_tenant_from_message()
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
            (select m.tenant_id from public.messages m where m.id = new.message_id),
            '00000000-0000-0000-0000-000000000000'
        );
    end if;
    return new;
end
$$;

comment on function private.fill_tenant_from_message() is
    'Trigger function: fills tenant_id of feedback from its message, if the row has no tenant.';

revoke execute on function private.fill_tenant_from_message() from public, anon, authenticated;

create function private.message_feedback_summary_of_caller(p_conversation_id uuid)
returns setof public.message_feedback_summary
language plpgsql
stable
-- Definer: the policies of feedback and messages would cost more than the filter by tenant.
security definer
set search_path = ''
as $$
declare
    v_tenant_id uuid = private.current_tenant_id();
begin
    -- Live, because a summary that is refreshed daily would not show what was rated today. Both
    -- branches read the caller's tenant only.
    if p_conversation_id is null then
        return query
        select s.*
        from private.feedback_by_message s
        where s.tenant_id = v_tenant_id;
    else
        return query
        select s.*
        from private.feedback_by_message s
        where s.conversation_id = p_conversation_id and s.tenant_id = v_tenant_id;
    end if;
end
$$;

comment on function private.message_feedback_summary_of_caller(uuid) is
    'Computes live what message_feedback_summary stores: the rows of the caller''s tenant, or of '
    'one of its conversations.';

revoke execute on function private.message_feedback_summary_of_caller(uuid)
    from public, anon, authenticated;
grant execute on function private.message_feedback_summary_of_caller(uuid)
    to authenticated, service_role;

create function public.get_message_feedback_summary(p_conversation_id uuid default null)
returns table (
    message_id uuid,
    conversation_id uuid,
    feedback_count bigint,
    positive_count bigint,
    negative_count bigint,
    average_rating numeric,
    last_feedback_at timestamptz
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query
    select
        s.message_id,
        s.conversation_id,
        s.feedback_count,
        s.positive_count,
        s.negative_count,
        s.average_rating,
        s.last_feedback_at
    from private.message_feedback_summary_of_caller(p_conversation_id) s;
end
$$;

comment on function public.get_message_feedback_summary(uuid) is
    'Returns the feedback per message of the caller''s tenant, live. p_conversation_id limits it '
    'to one conversation.';

revoke execute on function public.get_message_feedback_summary(uuid)
    from public, anon, authenticated, service_role;
grant execute on function public.get_message_feedback_summary(uuid) to authenticated, service_role;

create trigger trigger_feedback_fill_tenant
    before insert on public.feedback
    for each row when (new.tenant_id is null)
    execute function private.fill_tenant_from_message();

create policy feedback_select_member on public.feedback
    for select to authenticated
    using (tenant_id = (select private.current_tenant_id()));

create policy feedback_insert_author on public.feedback
    for insert to authenticated
    with check (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    );

create policy feedback_update_author on public.feedback
    for update to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    )
    with check (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    );

create policy feedback_delete_author on public.feedback
    for delete to authenticated
    using (
        tenant_id = (select private.current_tenant_id())
        and user_id = (select private.current_user_id())
    );

revoke all on table public.feedback from public, anon, authenticated, service_role;
grant select (
    id, message_id, tenant_id, user_id, rating, comment, created_at
) on table public.feedback to authenticated;
grant delete on table public.feedback to authenticated;
grant insert (message_id, tenant_id, user_id, rating, comment)
    on table public.feedback to authenticated;
-- message_id, too, because an upsert sets every column that it names.
grant update (message_id, rating, comment) on table public.feedback to authenticated;
grant all on table public.feedback to service_role;

-- Only the owner uses this view, because the API does not serve the schema.
revoke all on table private.feedback_by_message
    from public, anon, authenticated, service_role;

revoke all on table public.message_feedback_summary from public, anon, authenticated, service_role;
grant select on table public.message_feedback_summary to service_role;
