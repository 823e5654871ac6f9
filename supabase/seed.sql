-- Test data: three tenants, whose slugs start with test-, and six accounts with the password
-- demo-password. One account is a member of two tenants. The seed replaces its own earlier rows and
-- touches no others. It refuses to run in a database that has a tenant whose slug does not start
-- with test-. To remove the test data:
--
--     delete from tenants where slug like 'test-%';
--     delete from auth.users where id::text like '0a000000-0000-4000-8000-%';
--     delete from embeddings where id in ('demo-refunds', 'demo-shipping') and user_id is null;

-- One statement, so that nothing changes when the guard refuses. All later statements build on these
-- rows. Accounts confirm their addresses last, after the memberships exist, so that these are linked.
do $$
declare
    v_slugs text;
begin
    select string_agg(slug, ', ') into v_slugs
    from (select slug from public.tenants where slug not like 'test-%' order by slug limit 5) t;
    if v_slugs is not null then
        raise exception 'cannot load test data: this database has other tenants: %', v_slugs
            using
                errcode = 'object_not_in_prerequisite_state',
                hint = 'Use a database in which every tenant slug starts with test-.';
    end if;

    delete from public.tenants where slug in ('test-acme', 'test-globex', 'test-initech');
    delete from auth.users where id::text like '0a000000-0000-4000-8000-%';
    delete from public.embeddings
    where id in ('demo-refunds', 'demo-shipping') and user_id is null;

    insert into public.tenants (
        id, name, slug, llm_provider, llm_model, temperature, max_tokens, system_prompt, features,
        rate_limit_per_minute, daily_token_limit, branding
    )
    values
        (
            '01000000-0000-7000-8000-000000000001', 'Acme', 'test-acme', 'openai', 'gpt-4o', 0.7,
            4096, 'You are the helpful assistant of Acme.',
            '{"streaming": true, "file_upload": true}', 120, 2000000,
            '{"primary_color": "#0f766e", "logo_url": "https://acme.example/logo.svg"}'
        ),
        (
            '01000000-0000-7000-8000-000000000002', 'Globex', 'test-globex', 'anthropic',
            'claude-sonnet-4', 0.2, 8192, 'Answer briefly and name your sources.',
            '{"streaming": true}', 60, 1000000, '{"primary_color": "#1d4ed8"}'
        ),
        (
            '01000000-0000-7000-8000-000000000003', 'Initech', 'test-initech', 'openai',
            'gpt-4o-mini', 1, 1024, null, '{}', 10, 50000, '{}'
        );

    -- The hash is that of demo-password. The auth service expects empty tokens instead of nulls.
    insert into auth.users (
        id, aud, role, email, encrypted_password, raw_app_meta_data, raw_user_meta_data,
        confirmation_token, recovery_token, email_change, email_change_token_new, created_at,
        updated_at
    )
    select
        a.id, 'authenticated', 'authenticated', a.email,
        '$2b$10$qL6JnwmADncXGPy99QMu4uDiefqrmIE6fhF20k5hq/eAAXCU5WPVC',
        '{"provider": "email", "providers": ["email"]}', '{}', '', '', '', '', now(), now()
    from (
        values
            ('0a000000-0000-4000-8000-000000000001'::uuid, 'ada@test-acme.example'),
            ('0a000000-0000-4000-8000-000000000002', 'ben@test-acme.example'),
            ('0a000000-0000-4000-8000-000000000003', 'cleo@test-acme.example'),
            ('0a000000-0000-4000-8000-000000000004', 'dora@test-globex.example'),
            ('0a000000-0000-4000-8000-000000000005', 'emil@test-globex.example'),
            ('0a000000-0000-4000-8000-000000000006', 'finn@test-initech.example')
    ) a (id, email);

    insert into public.users (id, tenant_id, auth_id, email, name, role, preferences)
    select
        ('02000000-0000-7000-8000-00000000000' || p.n)::uuid, t.id, a.id, a.email, p.name, p.role,
        p.preferences::jsonb
    from (
        values
            ('1', 'test-acme', 'Ada', 'owner', '{"theme": "dark"}'),
            ('2', 'test-acme', 'Ben', 'admin', '{"locale": "de"}'),
            ('3', 'test-acme', 'Cleo', 'user', '{}'),
            ('4', 'test-globex', 'Dora', 'owner', '{}'),
            ('5', 'test-globex', 'Emil', 'user', '{"theme": "light"}'),
            ('6', 'test-initech', 'Finn', 'owner', '{}')
    ) p (n, slug, name, role, preferences)
    join public.tenants t on t.slug = p.slug
    join auth.users a on a.id = ('0a000000-0000-4000-8000-00000000000' || p.n)::uuid;

    update auth.users
    set email_confirmed_at = now()
    where id::text like '0a000000-0000-4000-8000-%';

    insert into auth.identities (
        id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at
    )
    select
        gen_random_uuid(), 'email', a.id::text, a.id,
        jsonb_build_object('sub', a.id, 'email', a.email, 'email_verified', true),
        now(), now(), now()
    from auth.users a
    where a.id::text like '0a000000-0000-4000-8000-%';

    -- The hosted auth service finds accounts by instance. The embedded stack lacks the column.
    if exists (
        select
        from information_schema.columns
        where table_schema = 'auth' and table_name = 'users' and column_name = 'instance_id'
    )
    then
        update auth.users
        set instance_id = '00000000-0000-0000-0000-000000000000'
        where id::text like '0a000000-0000-4000-8000-%' and instance_id is null;
    end if;
end
$$;

insert into public.conversations (id, user_id, tenant_id, title, metadata, is_archived, created_at)
select c.id::uuid, u.id, u.tenant_id, c.title, c.metadata::jsonb, c.is_archived, now() - c.age
from (
    values
        -- Active, with a colleague's feedback.
        (
            '03000000-0000-7000-8000-000000000001', 'ada@test-acme.example', 'Launch plan',
            '{"channel": "web"}', false, interval '6 days'
        ),
        -- Archived.
        (
            '03000000-0000-7000-8000-000000000002', 'ada@test-acme.example', 'Old newsletter',
            '{}', true, interval '40 days'
        ),
        -- Without a title, from a phone.
        (
            '03000000-0000-7000-8000-000000000003', 'ben@test-acme.example', null,
            '{"channel": "mobile"}', false, interval '2 days'
        ),
        -- Without messages.
        (
            '03000000-0000-7000-8000-000000000004', 'cleo@test-acme.example', 'New chat',
            '{}', false, interval '1 hour'
        ),
        (
            '03000000-0000-7000-8000-000000000005', 'dora@test-globex.example', 'Quarterly report',
            '{"pinned": true}', false, interval '3 days'
        ),
        (
            '03000000-0000-7000-8000-000000000006', 'emil@test-globex.example', 'Contract',
            '{}', false, interval '1 day'
        ),
        (
            '03000000-0000-7000-8000-000000000007', 'finn@test-initech.example', 'Hello',
            '{}', false, interval '10 days'
        )
) c (id, email, title, metadata, is_archived, age)
join public.users u on u.email = c.email and u.id::text like '02000000-0000-7000-8000-%';

insert into public.messages (
    id, conversation_id, tenant_id, role, content, token_count, model_used, latency_ms, created_at
)
select
    m.id::uuid, c.id, c.tenant_id, m.role, m.content, m.token_count, m.model_used, m.latency_ms,
    c.created_at + m.after
from (
    values
        (
            '04000000-0000-7000-8000-000000000001', 1, 'system',
            'You are the helpful assistant of Acme.', 9, null, null, interval '0 s'
        ),
        (
            '04000000-0000-7000-8000-000000000002', 1, 'user',
            'Draft a launch plan for the new anvil.', 10, null, null, interval '5 s'
        ),
        (
            '04000000-0000-7000-8000-000000000003', 1, 'assistant',
            'Three phases: tease, launch, follow up. Shall I detail them?', 14, 'gpt-4o', 1240,
            interval '7 s'
        ),
        (
            '04000000-0000-7000-8000-000000000004', 1, 'user', 'Yes, with dates.', 5, null, null,
            interval '60 s'
        ),
        (
            '04000000-0000-7000-8000-000000000005', 1, 'assistant',
            'Tease on the 1st, launch on the 14th, follow up on the 21st.', 18, 'gpt-4o', 1890,
            interval '62 s'
        ),
        (
            '04000000-0000-7000-8000-000000000006', 2, 'user', 'Shorten last month''s newsletter.',
            7, null, null, interval '3 s'
        ),
        (
            '04000000-0000-7000-8000-000000000007', 2, 'assistant', 'Here it is in 80 words.', 8,
            'gpt-4o', 2210, interval '6 s'
        ),
        (
            '04000000-0000-7000-8000-000000000008', 3, 'user', 'Wie spät ist es in Rom?', 9, null,
            null, interval '2 s'
        ),
        (
            '04000000-0000-7000-8000-000000000009', 3, 'assistant', 'Genauso spät wie hier.',
            8, 'gpt-4o', 640, interval '3 s'
        ),
        (
            '04000000-0000-7000-8000-000000000010', 5, 'user', 'Summarise the quarter.', 5, null,
            null, interval '4 s'
        ),
        (
            '04000000-0000-7000-8000-000000000011', 5, 'assistant',
            'Revenue grew by 4 %, costs by 2 %. [1]', 16, 'claude-sonnet-4', 11800, interval '16 s'
        ),
        (
            '04000000-0000-7000-8000-000000000012', 6, 'user', 'What does clause 7 mean?', 7, null,
            null, interval '2 s'
        ),
        (
            '04000000-0000-7000-8000-000000000013', 6, 'assistant',
            'Either side may cancel with 30 days'' notice. [1]', 13, 'claude-sonnet-4', 2950,
            interval '5 s'
        ),
        (
            '04000000-0000-7000-8000-000000000014', 7, 'user', 'Hello?', 2, null, null,
            interval '1 s'
        )
) m (id, conversation, role, content, token_count, model_used, latency_ms, after)
join public.conversations c
    on c.id = ('03000000-0000-7000-8000-00000000000' || m.conversation)::uuid;

insert into public.feedback (message_id, tenant_id, user_id, rating, comment)
select m.id, m.tenant_id, u.id, f.rating, f.comment
from (
    values
        (3, 'ada@test-acme.example', 1, 'Just what I needed.'),
        (3, 'ben@test-acme.example', -1, 'Too vague.'),
        (5, 'ada@test-acme.example', 1, null),
        (7, 'cleo@test-acme.example', -1, 'Not 80 words.'),
        (9, 'ben@test-acme.example', 1, null),
        (11, 'dora@test-globex.example', 1, 'Clear, with a source.'),
        (13, 'emil@test-globex.example', -1, 'Which clause 7?')
) f (message, email, rating, comment)
join public.messages m
    on m.id = ('04000000-0000-7000-8000-0000000000' || lpad(f.message::text, 2, '0'))::uuid
join public.users u on u.email = f.email and u.tenant_id = m.tenant_id;

insert into public.usage_metrics (
    tenant_id, user_id, date, prompt_tokens, completion_tokens, request_count, estimated_cost
)
select
    u.tenant_id, u.id, (now() at time zone 'utc')::date - d.days_ago, d.prompt_tokens,
    d.completion_tokens, d.request_count, d.estimated_cost
from (
    values
        ('ada@test-acme.example', 0, 1200, 800, 4, 0.011),
        ('ada@test-acme.example', 1, 5400, 3100, 12, 0.0445),
        ('ada@test-acme.example', 6, 900, 650, 3, 0.00875),
        ('ben@test-acme.example', 0, 300, 120, 1, 0.00195),
        ('ben@test-acme.example', 2, 2100, 990, 6, 0.01515),
        ('cleo@test-acme.example', 35, 700, 400, 2, 0.00575),
        ('dora@test-globex.example', 0, 4100, 2600, 5, 0.0513),
        ('dora@test-globex.example', 3, 8800, 4700, 9, 0.0969),
        ('emil@test-globex.example', 1, 1500, 700, 2, 0.015),
        ('emil@test-globex.example', 64, 600, 250, 1, 0.00555),
        ('finn@test-initech.example', 10, 40, 0, 1, 0.000006)
) d (email, days_ago, prompt_tokens, completion_tokens, request_count, estimated_cost)
join public.users u on u.email = d.email and u.id::text like '02000000-0000-7000-8000-%';

insert into public.brands (id, tenant_id, name, slug, description, guidelines)
values
    (
        '05000000-0000-7000-8000-000000000001', '01000000-0000-7000-8000-000000000001',
        'Acme Anvils', 'acme-anvils', 'Anvils for people who drop them.',
        '{"voice": "dry and proud", "colors": ["#0f766e", "#111827"], "avoid": ["coyote"]}'
    ),
    (
        '05000000-0000-7000-8000-000000000002', '01000000-0000-7000-8000-000000000001',
        'Acme Rockets', 'acme-rockets', null, '{}'
    ),
    (
        '05000000-0000-7000-8000-000000000003', '01000000-0000-7000-8000-000000000002',
        'Globex Energy', 'globex-energy', 'Power, quietly.', '{"voice": "calm"}'
    );

insert into public.conversation_sessions (
    id, brand_id, tenant_id, user_id, state, parsed_intent, answered_questions, pending_questions,
    created_at, last_activity_at
)
values
    (
        '06000000-0000-7000-8000-000000000001', '05000000-0000-7000-8000-000000000001',
        '01000000-0000-7000-8000-000000000001', '0a000000-0000-4000-8000-000000000001',
        'clarifying', '{"goal": "launch film", "length_s": 30}', '{"mood": "heroic"}',
        '[{"id": "music", "text": "Music or silence?", "options": ["music", "silence"]}]',
        now() - interval '2 hours', now() - interval '2 hours'
    ),
    (
        '06000000-0000-7000-8000-000000000002', '05000000-0000-7000-8000-000000000002',
        '01000000-0000-7000-8000-000000000001', '0a000000-0000-4000-8000-000000000001',
        'reviewing', '{"goal": "slogan"}', '{}', '[]',
        now() - interval '9 days', now() - interval '9 days'
    ),
    (
        '06000000-0000-7000-8000-000000000003', '05000000-0000-7000-8000-000000000003',
        '01000000-0000-7000-8000-000000000002', '0a000000-0000-4000-8000-000000000004',
        'planning', '{"goal": "annual report"}', '{}', '[]',
        now() - interval '1 day', now() - interval '1 day'
    );

insert into public.conversation_messages (
    session_id, user_id, role, content, tokens_used, model_used, provider, cost_usd, latency_ms,
    action_taken, questions_asked, delegation_plan, created_at
)
select
    s.id, s.user_id, m.role, m.content, m.tokens_used, m.model_used, m.provider, m.cost_usd,
    m.latency_ms, m.action_taken, m.questions_asked::jsonb, m.delegation_plan::jsonb,
    s.created_at + m.after
from (
    values
        (
            1, 'user', 'A 30 second film for the new anvil.', null, null, null, null, null, null,
            '[]', '{}', interval '0 s'
        ),
        (
            1, 'assistant', 'Gladly. Music or silence?', 320, 'gpt-4o', 'openai', 0.0021, 1400,
            'ask', '[{"id": "music", "text": "Music or silence?"}]', '{}', interval '4 s'
        ),
        (
            2, 'user', 'A slogan for the rockets.', null, null, null, null, null, null, '[]', '{}',
            interval '0 s'
        ),
        (
            2, 'assistant', 'I ask the copywriter for ten.', 210, 'claude-sonnet-4', 'anthropic',
            0.0018, 1900, 'delegate', '[]',
            '{"steps": [{"agent": "copywriter", "task": "ten slogans"}]}', interval '5 s'
        ),
        (
            2, 'tool', 'Up. Not down.', 60, 'gpt-4o-mini', 'openai', 0.00004, 700, null, '[]', '{}',
            interval '9 s'
        ),
        (
            3, 'user', 'Lay out the annual report.', null, null, null, null, null, null, '[]', '{}',
            interval '0 s'
        )
) m (
    session, role, content, tokens_used, model_used, provider, cost_usd, latency_ms, action_taken,
    questions_asked, delegation_plan, after
)
join public.conversation_sessions s
    on s.id = ('06000000-0000-7000-8000-00000000000' || m.session)::uuid
order by s.created_at, m.after;

-- Finish one session through the function of the API.
update public.conversation_sessions
set state = 'delivered'
where id = '06000000-0000-7000-8000-000000000002';

insert into public.ai_conversations (
    id, user_id, title, model, messages, total_tokens, total_cost, created_at, updated_at
)
select
    c.id, a.id, c.title, c.model, c.messages::jsonb, c.total_tokens, c.total_cost, now() - c.age,
    now() - c.age
from (
    values
        (
            'demo-naming', 'ada@test-acme.example', 'Names for the anvil', 'gpt-4o',
            '[{"role": "user", "content": "Name our new anvil."},
              {"role": "assistant", "content": "Gravity."}]',
            24, 0.00021, interval '3 days'
        ),
        (
            -- The same id as Ada's chat, because ids are unique per account.
            'demo-naming', 'dora@test-globex.example', 'Names for the plant', 'claude-sonnet-4',
            '[{"role": "user", "content": "Name the new power plant."}]',
            9, 0.00004, interval '1 day'
        ),
        (
            'demo-empty', 'cleo@test-acme.example', null, null, '[]', 0, 0, interval '1 hour'
        )
) c (id, email, title, model, messages, total_tokens, total_cost, age)
join auth.users a on a.email = c.email and a.id::text like '0a000000-0000-4000-8000-%';

-- Made-up vectors: those of one topic are close to each other. Rows without an account are public.
insert into public.embeddings (id, user_id, content, embedding, metadata)
select
    d.id, a.id, d.content,
    (
        select array_agg(
            case when i % 8 = d.topic then 1 else 0 end + 0.3 * sin(i * length(d.content))
            order by i
        )
        from generate_series(1, 1536) i
    )::extensions.vector,
    d.metadata::jsonb
from (
    values
        ('demo-refunds', null, 'Refunds take 14 days.', 0, '{"source": "faq"}'),
        ('demo-shipping', null, 'Anvils ship by freight.', 1, '{"source": "faq"}'),
        ('demo-plan', 'ada@test-acme.example', 'Tease, launch.', 2, '{"source": "plan"}'),
        ('demo-refunds', 'ada@test-acme.example', 'Refund big customers at once.', 0, '{}'),
        ('demo-clause-7', 'emil@test-globex.example', 'Either side may cancel.', 3, '{"page": 7}')
) d (id, email, content, topic, metadata)
-- Public rows have no account, so insert them only after the guard has passed.
join public.tenants t on t.slug = 'test-acme'
left join auth.users a on a.email = d.email and a.id::text like '0a000000-0000-4000-8000-%';

insert into public.ai_usage (
    user_id, operation_type, model, tokens_prompt, tokens_completion, cost, latency_ms, created_at
)
select
    a.id, u.operation_type, u.model, u.tokens_prompt, u.tokens_completion, u.cost, u.latency_ms,
    now() - u.age
from (
    values
        ('ada@test-acme.example', 'chat', 'gpt-4o', 18, 6, 0.00021, 840, interval '3 days'),
        ('ada@test-acme.example', 'chat', 'gpt-4o', 41, 12, 0.00022, 1310, interval '2 days'),
        (
            'ada@test-acme.example', 'embedding', 'text-embedding-3-small', 7, 0, 0.00000014, 95,
            interval '2 days'
        ),
        (
            'dora@test-globex.example', 'chat', 'claude-sonnet-4', 9, 0, 0.00004, 610,
            interval '1 day'
        ),
        (
            'emil@test-globex.example', 'embedding', 'text-embedding-3-small', 6, 0, 0.00000012,
            null, interval '100 days'
        )
) u (email, operation_type, model, tokens_prompt, tokens_completion, cost, latency_ms, age)
join auth.users a on a.email = u.email and a.id::text like '0a000000-0000-4000-8000-%';

refresh materialized view public.message_feedback_summary;
refresh materialized view public.monthly_usage_summary;

do $$
declare
    v_tenants uuid[] = array(
        select id from public.tenants where slug in ('test-acme', 'test-globex', 'test-initech')
    );
    v_accounts uuid[] = array(
        select id from auth.users where id::text like '0a000000-0000-4000-8000-%'
    );
begin
    raise notice
        'Test data: % tenants, % users, % conversations, % messages, % feedback, % usage rows, '
        '% brands, % sessions, % AI conversations, % embeddings, % AI usage rows',
        cardinality(v_tenants),
        (select count(*) from public.users where tenant_id = any (v_tenants)),
        (select count(*) from public.conversations where tenant_id = any (v_tenants)),
        (select count(*) from public.messages where tenant_id = any (v_tenants)),
        (select count(*) from public.feedback where tenant_id = any (v_tenants)),
        (select count(*) from public.usage_metrics where tenant_id = any (v_tenants)),
        (select count(*) from public.brands where tenant_id = any (v_tenants)),
        (select count(*) from public.conversation_sessions where tenant_id = any (v_tenants)),
        (select count(*) from public.ai_conversations where user_id = any (v_accounts)),
        (
            select count(*)
            from public.embeddings
            where
                user_id = any (v_accounts)
                or id in ('demo-refunds', 'demo-shipping') and user_id is null
        ),
        (select count(*) from public.ai_usage where user_id = any (v_accounts));
end
$$;

-- Ben is a member of two tenants. Last, because earlier statements find a membership by its address.
insert into public.users (id, tenant_id, auth_id, email, name, role)
select '02000000-0000-7000-8000-000000000007', t.id, u.auth_id, u.email, u.name, 'user'
from public.users u
join public.tenants t on t.slug = 'test-globex'
where u.id = '02000000-0000-7000-8000-000000000002'
on conflict do nothing;
