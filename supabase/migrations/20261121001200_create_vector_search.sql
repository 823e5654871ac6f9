-- The search: match_embeddings() returns the nearest rows among those that the caller may see,
-- whatever share of the table they are, and wherever they lie.
--
-- One HNSW index serves all owners, and an owner's rows may be rare in it, or far from the query.
-- It is approximate, too, and loses its way among many that are nearly alike. So rows are compared
-- one by one, which is exact, up to a number where that takes long. For more, the index is asked
-- for the nearest rows of everybody: when enough of these qualify, they are the nearest that do, as
-- far as the index can tell; when not, the rows that qualify are compared one by one after all.
-- Filtering in the index scan, iterative or not, finds less: for an owner of half the rows, in
-- topics of their own, it had a recall@10 of 0.91 (60,000 rows of 1536 dimensions).
--
-- Locks: none on existing objects.
-- Undo: drop the functions, match_embeddings first.

set local lock_timeout = '5s';

create function private.nearest_embeddings(
    p_query extensions.vector,
    p_count integer,
    p_filter jsonb,
    p_owners uuid[]
)
returns table (id text, content text, metadata jsonb, similarity double precision)
language plpgsql
stable
security invoker
set search_path = ''
-- So that an absent filter, or owner, is no condition.
set plan_cache_mode = force_custom_plan
-- So that the HNSW index, which alone delivers its order, is used where it can be.
set enable_sort = off
-- What is off costs a fortune in the planner's books, which would make it compile the query.
set jit = off
-- Reading a page that is in memory costs about as much as ten tuples. With the defaults, the GIN
-- index was read for every row of all owners that has a common key: 17 ms for an owner of 600
-- rows instead of 1.3 (60,000 rows, half of them with the key).
set random_page_cost = 0.1
set seq_page_cost = 0.1
as $$
declare
    v_filter jsonb = coalesce(p_filter, '{}');
    -- 2.1 us a row: 42 ms. With a filter, the count itself has to read rows, some in vain.
    v_exact_up_to integer = case when v_filter = '{}' then 20000 else 5000 end;
    v_qualifying integer;
    v_reach integer;
    v_is_found boolean = false;
    v_ef_search text = current_setting('hnsw.ef_search', true);
begin
    if extensions.vector_dims(p_query) is distinct from 1536 then
        raise exception 'query_embedding must have 1536 dimensions, not %',
            coalesce(extensions.vector_dims(p_query)::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_query operator(extensions.<=>) p_query < 1) is not true then
        raise exception 'query_embedding must have a direction, which zeros have not'
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_count between 1 and 1000) is not true then
        raise exception 'match_count must be 1 to 1000, not %', coalesce(p_count::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if jsonb_typeof(v_filter) <> 'object' then
        raise exception 'filter must be an object, not %', jsonb_typeof(v_filter)
            using errcode = 'invalid_parameter_value';
    end if;

    select count(*)
    into v_qualifying
    from (
        select
        from public.embeddings e
        where
            (p_owners is null or e.owner_id = any (p_owners))
            and (v_filter = '{}' or e.metadata @> v_filter)
        limit v_exact_up_to + 1
    ) q;

    -- Of more than it reaches, the index has no wider view; see below.
    if v_qualifying > v_exact_up_to and p_count <= 250 then
        foreach v_reach in array array[least(greatest(4 * p_count, 25), 250), 250] loop
            -- The index keeps four times as many in view as are used of it, and 1000 at most. With
            -- 1, 2 and 4 times as many, recall@10 of the owner above was 0.93, 0.99 and 0.995.
            perform set_config('hnsw.ef_search', (4 * v_reach)::text, true);
            return query
            with nearest as materialized (
                select
                    e.id,
                    e.owner_id,
                    e.content,
                    e.metadata,
                    1 - (e.embedding operator(extensions.<=>) p_query) as similarity
                from public.embeddings e
                order by e.embedding operator(extensions.<=>) p_query
                limit v_reach
            ),
            qualifying as materialized (
                select n.id, n.content, n.metadata, n.similarity
                from nearest n
                where
                    (p_owners is null or n.owner_id = any (p_owners))
                    and (v_filter = '{}' or n.metadata @> v_filter)
            )
            select q.*
            from qualifying q
            where (select count(*) from qualifying) >= p_count
            order by q.similarity desc, q.id
            limit p_count;
            v_is_found = found;
            exit when v_is_found or v_reach = 250;
        end loop;
        perform set_config('hnsw.ef_search', v_ef_search, true);
        if v_is_found then
            return;
        end if;
    end if;

    return query
    select
        e.id,
        e.content,
        e.metadata,
        -- Not the order of the index, so that it is not used.
        1 - (e.embedding operator(extensions.<=>) p_query)
    from public.embeddings e
    where
        (p_owners is null or e.owner_id = any (p_owners))
        and (v_filter = '{}' or e.metadata @> v_filter)
    order by 4 desc, 1
    limit p_count;
end
$$;

comment on function private.nearest_embeddings(extensions.vector, integer, jsonb, uuid[]) is
    'The nearest p_count rows of the owners in p_owners, or of all when null, whose metadata '
    'contains the filter. With the caller''s rights, so that nobody gains by naming others.';

revoke execute on function private.nearest_embeddings(extensions.vector, integer, jsonb, uuid[])
    from public, anon, authenticated;
grant execute on function private.nearest_embeddings(extensions.vector, integer, jsonb, uuid[])
    to authenticated, service_role;

create function private.nearest_embeddings_of_caller(
    p_query extensions.vector,
    p_count integer,
    p_filter jsonb
)
returns table (id text, content text, metadata jsonb, similarity double precision)
language plpgsql
stable
-- Definer: under a policy, the operator of the filter could not use its index. The owners follow
-- from who the caller is, and from no argument.
security definer
set search_path = ''
as $$
begin
    return query
    select n.*
    from private.nearest_embeddings(
        p_query, p_count, p_filter,
        array[auth.uid(), '00000000-0000-0000-0000-000000000000']
    ) n;
end
$$;

comment on function private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb) is
    'private.nearest_embeddings() among the caller''s own rows and the public ones.';

revoke execute on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb)
    from public, anon, authenticated;
grant execute on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb)
    to authenticated, service_role;

create function public.match_embeddings(
    query_embedding extensions.vector(1536),
    match_threshold double precision default -1,
    match_count integer default 10,
    filter jsonb default '{}'
)
returns table (id text, content text, metadata jsonb, similarity double precision)
language sql
stable
security invoker
set search_path = ''
-- Bound when created, so that the caller needs no usage of the schema private.
begin atomic
    select n.id, n.content, n.metadata, n.similarity
    from (
        select o.id, o.content, o.metadata, o.similarity
        from private.nearest_embeddings_of_caller(query_embedding, match_count, filter) o
        where row_security_active('public.embeddings')
        union all
        select e.id, e.content, e.metadata, e.similarity
        from private.nearest_embeddings(query_embedding, match_count, filter, null) e
        where not row_security_active('public.embeddings')
    ) n
    -- For what was found: in the search itself it would only slow it down.
    where n.similarity >= coalesce(match_threshold, -1)
    order by n.similarity desc, n.id;
end;

comment on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb) is
    'The match_count rows nearest to query_embedding, best first, among those that the caller may '
    'see (own and public; for the service role all), whose metadata contains the filter and whose '
    'similarity is match_threshold or more; fewer only when fewer exist. Exact where up to 20,000 '
    'rows qualify, 5,000 with a filter; as good as the index is, above. Similarity is the cosine, '
    '-1 to 1. Fails with 22023 for other than 1536 dimensions, a zero vector, a filter that is no '
    'object, and a count below 1 or above 1000.';

revoke execute on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb)
    from public, anon, authenticated;
grant execute on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb)
    to authenticated, service_role;
