-- Fills every table with so many rows that an index is the cheapest way to read a few of them.
-- Existing members get as many rows as the new members, and get new members as colleagues. Run it
-- as the owner. Triggers are off for bulk rows, because they would set all times to now.

-- A fifth of the tenants are deactivated. They have only invitations.
insert into public.tenants (name, slug, is_active)
select 'Filler', 'test-filler-' || gen_random_uuid(), n <= 2400 from generate_series(1, 3000) n;

insert into auth.users (id, email, email_confirmed_at)
select f.id, 'filler-' || f.id || '@test.example', now()
from (select gen_random_uuid() as id from generate_series(1, 1000)) f;

-- Ten memberships in each of 100 tenants.
insert into public.users (tenant_id, auth_id, email)
select t.id, a.id, a.email
from (
    select u.id, u.email, row_number() over () as place
    from auth.users u
    where u.email like 'filler-%'
        and not exists (select from public.users m where m.auth_id = u.id)
) a
join (
    select
        t.id,
        row_number() over (
            order by exists (select from public.users m where m.tenant_id = t.id) desc,
                t.is_active desc, t.id
        ) as place
    from public.tenants t
    where t.slug like 'test-%'
) t on t.place = 1 + a.place % 100;

-- Pending invitations.
insert into public.users (tenant_id, email)
select t.id, 'invited-' || gen_random_uuid() || '@test.example'
from public.tenants t
where t.slug like 'test-filler-%';

-- Ten invitations per member, of which the last is still pending.
insert into public.invitations (
    tenant_id, email, invited_by, uses, accepted_at, last_sent_at, expires_at, created_at
)
select
    u.tenant_id, 'guest-' || n || '-' || u.email, u.id, (n < 10)::integer,
    case when n < 10 then i.at end, i.at, i.at + interval '7 days', i.at
from public.users u
cross join generate_series(1, 10) n
cross join lateral (select now() - (10 - n) * interval '5 days' as at) i
where u.auth_id is not null
order by i.at;

insert into private.invitation_tokens (token_hash, invitation_id, tenant_id)
select sha256(convert_to(i.id::text, 'utf8')), i.id, i.tenant_id
from public.invitations i;

-- Ten entries per member.
insert into public.audit_log (tenant_id, at, actor_role, action, relation, row_id)
select u.tenant_id, now() - n * interval '5 days', 'admin', 'update', 'users', u.id
from public.users u
cross join generate_series(1, 10) n
where u.auth_id is not null
order by n desc;

alter table public.conversations disable trigger user;
alter table public.messages disable trigger user;
alter table public.conversation_messages disable trigger user;

-- Ten conversations per member. A few are archived, and a few have been idle for a year.
insert into public.conversations (tenant_id, user_id, title, is_archived, created_at, updated_at)
select
    u.tenant_id, u.id, 'Filler', n = 3 and hashtext(u.email) % 5 = 0, c.at,
    case when n = 1 and hashtext(u.email) % 10 = 0 then now() - interval '1 year' else c.at end
from public.users u
cross join generate_series(1, 10) n
cross join lateral (select now() - n * interval '5 days' - interval '1 hour' as at) c
where u.auth_id is not null
order by c.at;

-- Two messages per conversation: a question and its answer. Few answers have a high latency.
insert into public.messages (
    conversation_id, tenant_id, role, content, token_count, model_used, latency_ms, position, written_by,
    created_at
)
select
    c.id, c.tenant_id, case n when 1 then 'user' else 'assistant' end, repeat('filler ', 20), 20,
    case when n = 2 then 'model-' || abs(hashtext(c.id::text)) % 20 end,
    case when n = 2 then case when hashtext(c.id::text) % 50 = 0 then 20000 else 500 end end,
    n, 'member', c.created_at + n * interval '1 minute'
from public.conversations c
cross join generate_series(1, 2) n
order by c.created_at + n * interval '1 minute';

insert into public.feedback (message_id, tenant_id, user_id, rating, created_at)
select m.id, m.tenant_id, c.user_id, 1, m.created_at
from public.messages m
join public.conversations c on c.id = m.conversation_id and c.tenant_id = m.tenant_id
where m.role = 'assistant'
order by m.created_at;

-- Ten days per member. A few rows were written a day late.
insert into public.usage_metrics (
    tenant_id, user_id, date, prompt_tokens, request_count, created_at
)
select
    u.tenant_id, u.id, d.date, 100, 1,
    d.date + interval '12 hours'
        + case when hashtext(u.email || n) % 100 = 0 then interval '1 day' else '0' end
from public.users u
cross join generate_series(0, 9) n
cross join lateral (select (now() at time zone 'utc')::date - 12 * n as date) d
where u.auth_id is not null
order by d.date;

insert into public.brands (tenant_id, name, slug)
select t.id, 'Filler', 'filler-' || n
from public.tenants t
cross join generate_series(1, 5) n
where t.slug like 'test-%';

-- Six sessions per member. Two of them are finished. Few finished so long ago that they are due for
-- deletion.
insert into public.conversation_sessions (
    brand_id, tenant_id, user_id, state, created_at, last_activity_at, completed_at
)
select
    b.id, u.tenant_id, u.auth_id, case when n <= 2 then 'delivered' else 'planning' end, s.at, s.at,
    case when n <= 2 then s.at end
from public.users u
cross join generate_series(1, 6) n
join public.brands b on b.tenant_id = u.tenant_id and b.slug = 'filler-' || 1 + n % 5
cross join lateral (
    select now() - n * interval '20 days'
        - case when hashtext(u.email) % 20 = 0 then interval '100 days' else '0' end as at
) s
where u.auth_id is not null;

insert into public.conversation_messages (
    session_id, brand_id, tenant_id, user_id, role, content, provider, model_used, cost_usd,
    delegation_plan, position, written_by, created_at
)
select
    s.id, s.brand_id, s.tenant_id, s.user_id, case n when 1 then 'user' else 'assistant' end,
    repeat('filler ', 20), case when n = 3 and m.dice < 20 then 'provider' end,
    case when n = 3 and m.dice < 20 then 'model' end, case when n = 3 then 0.01 end,
    case when n = 2 and m.dice < 5 then '{"steps": [1]}'::jsonb else '{}' end, n, 'member', m.at
from public.conversation_sessions s
cross join generate_series(1, 10) n
cross join lateral (
    select s.created_at + n * interval '1 minute' as at, abs(hashtext(s.id::text)) % 100 as dice
) m
order by m.at;

-- Owners also have rows with the rare values, whatever the hashes of their ids.
update public.conversations c
set is_archived = true
from public.users u
where u.id = c.user_id and u.role = 'owner'
    and c.created_at between now() - interval '16 days' and now() - interval '15 days';

update public.conversation_messages m
set provider = 'provider', model_used = 'model'
from public.users u
where u.auth_id = m.user_id and u.role = 'owner' and m.cost_usd is not null;

alter table public.conversations enable trigger user;
alter table public.messages enable trigger user;
alter table public.conversation_messages enable trigger user;

insert into public.ai_conversations (user_id, title, model, messages, created_at, updated_at)
select a.id, 'Filler', 'model-' || n, '[{"role": "user", "content": "filler"}]', c.at, c.at
from auth.users a
cross join generate_series(1, 10) n
cross join lateral (select now() - n * interval '5 days' as at) c
order by c.at;

-- Twenty calls per account. Few are due for the archive, which already has ten per account.
insert into public.ai_usage (user_id, operation_type, model, tokens_prompt, cost, created_at)
select
    a.id, 'operation-' || n % 10, 'model-' || n / 2, 10, 0.01,
    now() - n * interval '4 days'
        - case when n = 10 and hashtext(a.email) % 20 = 0 then interval '1 year' else '0' end
from auth.users a
cross join generate_series(1, 20) n;

insert into public.ai_usage_archive (
    id, user_id, operation_type, model, tokens_prompt, tokens_completion, cost, created_at
)
select gen_random_uuid(), a.id, 'chat', 'model', 10, 10, 0.01, now() - n * interval '100 days'
from auth.users a
cross join generate_series(1, 10) n;

-- More public documents than a filtered search compares one by one, and one document per account.
-- The index is created after the rows, from the definition in its migration.
do $$
declare
    v_index text = pg_get_indexdef('public.idx_embeddings_vector'::regclass);
begin
    drop index public.idx_embeddings_vector;
    insert into public.embeddings (user_id, content, embedding, metadata, created_at)
    select
        d.user_id, 'filler', d.embedding, d.metadata, now() - d.place * interval '10 minutes'
    from (
        select
            null::uuid as user_id, n as place,
            (array_fill(0.01::real, array[n % 1500]) || n::real
                || array_fill(0.02::real, array[1535 - n % 1500]))::extensions.vector as embedding,
            jsonb_build_object('shared', true, 'source', 'source-' || n % 500) as metadata
        from generate_series(1, 5100) n
        union all
        select
            a.id, 5100 + row_number() over (),
            (array_fill(0.01::real, array[1535]) || 1::real)::extensions.vector,
            jsonb_build_object('source', 'own')
        from auth.users a
    ) d
    order by d.place desc;
    perform set_config('maintenance_work_mem', '256MB', true);
    execute v_index;
end
$$;

insert into private.maintenance_runs (task, started_at, finished_at, rows_affected)
select 'task ' || n % 10, s.at, s.at, 0
from generate_series(1, 5000) n
cross join lateral (select now() - n * interval '1 hour' as at) s;

insert into private.size_snapshots (taken_on, relation, table_bytes, index_bytes)
select (now() at time zone 'utc')::date - n, 'public.filler_' || r, 8192, 8192
from generate_series(1, 365) n
cross join generate_series(1, 20) r
on conflict do nothing;

refresh materialized view public.message_feedback_summary;
refresh materialized view public.monthly_usage_summary;
