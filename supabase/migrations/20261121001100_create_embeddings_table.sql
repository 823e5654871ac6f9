-- Documents with their vectors. A row belongs to one person, or to nobody: then it is public, all
-- signed-in users find it, and only the service role writes it.
--
-- Locks: share row exclusive on auth.users for the foreign key, for milliseconds.

set local lock_timeout = '5s';

-- A project may have it enabled already; in another schema, the type below is not found, and before
-- pgvector 0.7 the signs are not: `alter extension vector update`.
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
    -- The owner is part of it: ids come from clients, and two of them may choose the same.
    constraint embeddings_pkey primary key (id, owner_id),
    constraint embeddings_user_id_fkey foreign key (user_id)
        references auth.users (id) on delete cascade,
    constraint embeddings_id_has_1_to_255_characters_check
        check (char_length(id) between 1 and 255),
    -- Without one, as a zero vector is, there is no angle to search by: its distance is NaN.
    constraint embeddings_embedding_has_a_direction_check
        check (embedding operator(extensions.<=>) embedding < 1),
    constraint embeddings_metadata_is_object_check check (jsonb_typeof(metadata) = 'object')
)
-- Whatever fits stays in the row. Otherwise a row with a vector would have all else moved out, and
-- each look at its metadata took four more pages.
with (toast_tuple_target = 8160);

-- In the row, not beside it: an exact search took 2.1 us a row, and 5.7 us with the vectors in the
-- TOAST table (1536 dimensions, Postgres 17, pgvector 0.8).
alter table public.embeddings alter column embedding set storage plain;

-- The planner's estimates, which anybody may ask for as a count, know nothing of others' texts.
alter table public.embeddings
    alter column id set statistics 0,
    alter column content set statistics 0,
    alter column binary_embedding set statistics 0;

comment on table public.embeddings is
    'Documents and their vectors, searched by match_embeddings(). Read by their owner, and by all '
    'signed-in users where user_id is null; written by their owner.';
comment on column public.embeddings.id is
    'Chosen by the client, or a new uuid as text. Unique for one owner.';
comment on column public.embeddings.user_id is
    'The owner: an account, auth.users.id. Null for a public row.';
comment on column public.embeddings.owner_id is
    'The owner, with the nil uuid for null: completes the primary key, and finds own and public '
    'rows in one index.';
comment on column public.embeddings.content is 'The text that the vector stands for.';
comment on column public.embeddings.embedding is
    'From a model with 1536 dimensions, e.g. text-embedding-3-small; compared by cosine.';
comment on column public.embeddings.binary_embedding is
    'Which numbers of the embedding are above zero. Similar vectors differ in few of them, which '
    'tells a search from an index alone what it need not compare.';
comment on column public.embeddings.metadata is
    'What searches and deletions filter by, e.g. {"source": "manual.pdf"}.';

-- "My documents" by time, and the foreign key.
create index idx_embeddings_user_created on public.embeddings (user_id, created_at, id);
-- Tells a search which rows it need not compare: 0.25 us a row, where comparing one takes 3.7
-- (200,000 rows in 1.5 GB).
create index idx_embeddings_owner on public.embeddings (owner_id, id) include (binary_embedding);
-- All documents of a period, for reports; a few kilobytes.
create index idx_embeddings_created on public.embeddings using brin (created_at);
-- Searches with a filter. No list of pending entries, which every search would have to read.
create index idx_embeddings_metadata
    on public.embeddings using gin (metadata jsonb_path_ops) with (fastupdate = off);
-- The nearest of many.
create index idx_embeddings_vector
    on public.embeddings using hnsw (embedding extensions.vector_cosine_ops)
    with (m = 16, ef_construction = 64);

alter table public.embeddings enable row level security;

create function public.delete_by_metadata(filter jsonb)
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_deleted bigint;
begin
    if auth.uid() is null then
        raise exception 'only a signed-in user has embeddings to delete'
            using
                errcode = 'insufficient_privilege',
                hint = 'The service role deletes from the table, with an owner or without.';
    end if;
    if jsonb_typeof(filter) is distinct from 'object' or filter = '{}' then
        raise exception 'the filter must be an object with at least one key, not %',
            coalesce(filter::text, 'null')
            using
                errcode = 'invalid_parameter_value',
                hint = 'To delete all of your embeddings, call clear_all_embeddings().';
    end if;
    delete from public.embeddings e
    where e.user_id = auth.uid() and e.metadata @> filter;
    get diagnostics v_deleted = row_count;
    return v_deleted;
end
$$;

comment on function public.delete_by_metadata(jsonb) is
    'Deletes the caller''s own embeddings whose metadata contains the filter, and returns how '
    'many. Fails with 22023 for an empty filter and 42501 without a signed-in user.';

revoke execute on function public.delete_by_metadata(jsonb) from public, anon, authenticated;
grant execute on function public.delete_by_metadata(jsonb) to authenticated, service_role;

create function public.clear_all_embeddings()
returns bigint
language plpgsql
volatile
security invoker
set search_path = ''
as $$
declare
    v_deleted bigint;
begin
    if auth.uid() is null then
        raise exception 'only a signed-in user has embeddings to delete'
            using
                errcode = 'insufficient_privilege',
                hint = 'The service role deletes from the table, with an owner or without.';
    end if;
    delete from public.embeddings e
    where e.user_id = auth.uid();
    get diagnostics v_deleted = row_count;
    return v_deleted;
end
$$;

comment on function public.clear_all_embeddings() is
    'Deletes all of the caller''s own embeddings and returns how many. Fails with 42501 without a '
    'signed-in user.';

revoke execute on function public.clear_all_embeddings() from public, anon, authenticated;
grant execute on function public.clear_all_embeddings() to authenticated, service_role;

create policy embeddings_select_self_or_public on public.embeddings
    for select to authenticated
    using (user_id = (select auth.uid()) or user_id is null);

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

revoke all on table public.embeddings from public, anon, authenticated;
grant select (
    id, user_id, owner_id, content, embedding, binary_embedding, metadata, created_at
) on table public.embeddings to authenticated;
grant delete on table public.embeddings to authenticated;
grant insert (
    id, user_id, content, embedding, metadata
) on table public.embeddings to authenticated;
-- id, too: an upsert sets every column that it was given.
grant update (
    id, content, embedding, metadata
) on table public.embeddings to authenticated;
grant all on table public.embeddings to service_role;
