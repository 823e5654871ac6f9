-- Documents and their vectors. A row belongs to one account or is public. All signed-in users read
-- public rows, and only the service role writes them.
--
-- Locks: share row exclusive on auth.users for the foreign key, for milliseconds.

set local lock_timeout = '5s';

-- `if not exists`, because a project may have enabled the extension already. The table below needs
-- it in the schema extensions and at version 0.7 or later (`alter extension vector update`).
create extension if not exists vector with schema extensions;

create table public.embeddings (
    id text not null default private.uuid_v7()::text,
    user_id uuid default auth.uid(),
    owner_id uuid not null generated always as (
        coalesce(user_id, '00000000-0000-0000-0000-000000000000')
    ) stored,
    content text not null,
    embedding extensions.vector(1536) not null,
    binary_embedding bit(1536) not null generated always as (
        extensions.binary_quantize(embedding)::bit(1536)
    ) stored,
    metadata jsonb not null default '{}',
    created_at timestamptz not null default now(),
    -- The owner is part of the key, because two clients may choose the same id.
    constraint embeddings_pkey primary key (id, owner_id),
    constraint embeddings_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint embeddings_id_has_1_to_255_characters_check
        check (char_length(id) between 1 and 255),
    -- A zero vector has no direction: its cosine distance is NaN.
    constraint embeddings_embedding_has_a_direction_check
        check (embedding operator(extensions.<=>) embedding < 1),
    constraint embeddings_metadata_is_object_check check (jsonb_typeof(metadata) = 'object'),
    constraint embeddings_content_is_at_most_1024_kb_check check (octet_length(content) <= 1048576),
    constraint embeddings_metadata_is_at_most_64_kb_check check (pg_column_size(metadata) <= 65536)
)
-- Keeps short columns in the row. With the default, Postgres moves them to the TOAST table because
-- of the large vector, and reading the metadata of a row takes four more pages.
with (toast_tuple_target = 8160);

-- Keeps the vectors in the row. An exact search takes 2.1 us per row, but 5.7 us with the vectors
-- in the TOAST table (1536 dimensions, Postgres 17, pgvector 0.8).
alter table public.embeddings alter column embedding set storage plain;

-- Keep no statistics on free text: PostgREST's planned counts would reveal what other accounts
-- wrote.
alter table public.embeddings
    alter column id set statistics 0,
    alter column content set statistics 0,
    alter column binary_embedding set statistics 0;

comment on table public.embeddings is
    'Documents and their vectors, searched by match_embeddings(). An account reads its own and the '
    'public rows, and writes its own. Rows without user_id are public.';
comment on column public.embeddings.id is
    'Chosen by the client, by default a new uuid as text. Unique per owner.';
comment on column public.embeddings.user_id is
    'The owner: an account, auth.users.id. Null for a public row.';
comment on column public.embeddings.owner_id is
    'user_id, or the nil uuid for a public row. Part of the primary key, and the leading column of '
    'the index that finds own and public rows.';
comment on column public.embeddings.content is 'The text that was embedded.';
comment on column public.embeddings.embedding is
    'Vector of a model with 1536 dimensions, e.g. text-embedding-3-small. Compared by cosine.';
comment on column public.embeddings.binary_embedding is
    'Binary quantization of the embedding: one bit per dimension, 1 when the number is above zero. '
    'Similar vectors have a small Hamming distance, so a search picks candidates by it.';
comment on column public.embeddings.metadata is
    'Searches and deletions filter by it, e.g. {"source": "manual.pdf"}.';

-- Serves "my documents" by time and the foreign key.
create index idx_embeddings_user_created on public.embeddings (user_id, created_at, id);
-- Serves the choice of candidates by an index-only scan: 0.25 us per row, where comparing a full
-- vector takes 3.7 us (200,000 rows in 1.5 GB).
create index idx_embeddings_owner on public.embeddings (owner_id, id) include (binary_embedding);
-- Serves reports on a period across owners. Takes a few kilobytes.
create index idx_embeddings_created on public.embeddings using brin (created_at);
-- Serves searches with a filter. fastupdate is off: with it, every search would also have to read
-- the pending list.
create index idx_embeddings_metadata
    on public.embeddings using gin (metadata jsonb_path_ops) with (fastupdate = off);
-- Serves searches among many rows.
create index idx_embeddings_vector
    on public.embeddings using hnsw (embedding extensions.vector_cosine_ops)
    with (m = 16, ef_construction = 64);

alter table public.embeddings enable row level security;

create function public.store_embeddings(p_documents jsonb)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_stored bigint;
begin
    if v_account_id is null then
        raise exception 'cannot store embeddings without a signed-in user'
            using
                errcode = 'insufficient_privilege',
                hint = 'The service role can insert public rows into public.embeddings directly.';
    end if;
    if jsonb_typeof(p_documents) is distinct from 'array' then
        raise exception 'p_documents must be a JSON array, not %',
            coalesce(jsonb_typeof(p_documents), 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    insert into public.embeddings (id, user_id, content, embedding, metadata)
    select
        coalesce(d.id, private.uuid_v7()::text),
        v_account_id,
        d.content,
        (d.embedding #>> '{}')::extensions.vector,
        coalesce(d.metadata, '{}')
    from jsonb_to_recordset(p_documents) d (id text, content text, embedding jsonb, metadata jsonb)
    on conflict (id, owner_id) do update set
        content = excluded.content,
        embedding = excluded.embedding,
        metadata = excluded.metadata;
    get diagnostics v_stored = row_count;
    return v_stored;
end
$$;

comment on function public.store_embeddings(jsonb) is
    'Stores embeddings of the caller, all or none, and returns their number. Each element of the '
    'array has content, embedding and optionally id and metadata. It replaces the caller''s row '
    'with the same id. Fails with 42501 without a signed-in user, so that a backend with the '
    'secret key publishes nothing by mistake.';

revoke execute on function public.store_embeddings(jsonb)
    from public, anon, authenticated, service_role;
grant execute on function public.store_embeddings(jsonb) to authenticated, service_role;

create function public.delete_by_metadata(filter jsonb)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_deleted bigint;
begin
    if v_account_id is null then
        raise exception 'cannot delete embeddings without a signed-in user'
            using
                errcode = 'insufficient_privilege',
                hint = 'The service role can delete from public.embeddings directly.';
    end if;
    -- An empty object or array at any level matches every row that has the key.
    if jsonb_typeof(filter) is distinct from 'object'
        or exists (
            select
            from jsonb_path_query(filter, 'strict $.**') p (part)
            where p.part in ('{}', '[]')
        )
    then
        raise exception
            'filter must be a JSON object without empty objects and arrays, not %',
            coalesce(filter::text, 'null')
            using
                errcode = 'invalid_parameter_value',
                hint = 'Call clear_all_embeddings() to delete all of your embeddings.';
    end if;
    delete from public.embeddings e
    where e.user_id = v_account_id and e.metadata @> filter;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end
$$;

comment on function public.delete_by_metadata(jsonb) is
    'Deletes the caller''s own embeddings whose metadata contains the filter, and returns their '
    'number. Fails with 22023 for a filter that is empty or has an empty object or array at any '
    'level, and with 42501 without a signed-in user.';

revoke execute on function public.delete_by_metadata(jsonb)
    from public, anon, authenticated, service_role;
grant execute on function public.delete_by_metadata(jsonb) to authenticated, service_role;

create function public.clear_all_embeddings()
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
    v_deleted bigint;
begin
    if v_account_id is null then
        raise exception 'cannot delete embeddings without a signed-in user'
            using
                errcode = 'insufficient_privilege',
                hint = 'The service role can delete from public.embeddings directly.';
    end if;
    delete from public.embeddings e
    where e.user_id = v_account_id;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end
$$;

comment on function public.clear_all_embeddings() is
    'Deletes all of the caller''s own embeddings and returns their number. Fails with 42501 '
    'without a signed-in user.';

revoke execute on function public.clear_all_embeddings()
    from public, anon, authenticated, service_role;
grant execute on function public.clear_all_embeddings() to authenticated, service_role;

create policy embeddings_select_self_or_public on public.embeddings
    for select to authenticated
    -- owner_id of a public row is the nil uuid. Unlike an `or`, this is a search in an index.
    using (
        owner_id = any (array[(select auth.uid()), '00000000-0000-0000-0000-000000000000'])
    );

create policy embeddings_insert_self on public.embeddings
    for insert to authenticated
    with check (user_id = (select auth.uid()));

create policy embeddings_update_self on public.embeddings
    for update to authenticated
    using (user_id = (select auth.uid()))
    with check (user_id = (select auth.uid()));

create policy embeddings_delete_self on public.embeddings
    for delete to authenticated
    using (user_id = (select auth.uid()));

revoke all on table public.embeddings from public, anon, authenticated, service_role;
grant select (
    id, user_id, owner_id, content, embedding, binary_embedding, metadata, created_at
) on table public.embeddings to authenticated;
grant delete on table public.embeddings to authenticated;
grant insert (
    id, user_id, content, embedding, metadata
) on table public.embeddings to authenticated;
-- id, too, because an upsert sets every column that it names.
grant update (
    id, content, embedding, metadata
) on table public.embeddings to authenticated;
grant all on table public.embeddings to service_role;
