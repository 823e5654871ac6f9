-- Vector search: match_embeddings() returns the nearest rows among those that the caller may read,
-- for every owner, however small or large their share of the table is.
--
-- One HNSW index serves all owners, so an owner's rows may be rare in it or far from the query.
-- Filtering its scan, iterative or not, lowers the recall: recall@10 was 0.91 for an owner of half
-- the rows with topics of their own (60,000 rows of 1536 dimensions). Therefore the number of the
-- owner's rows decides:
-- - Up to 2,000 rows: compare all of them exactly.
-- - Above 2,000 rows: pick candidates by Hamming distance, then compare them exactly.
-- - Above 50,000 rows: first take candidates of all owners from the HNSW index. If enough of them
--   qualify, add those with the smallest Hamming distance and compare all exactly. The HNSW index
--   alone missed all ten nearest rows in 1 of 160 searches, and had a recall@10 of 0.99 in the
--   others (200,000 rows).
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create type private.found_embedding as (
    id text,
    content text,
    metadata jsonb,
    similarity double precision
);

comment on type private.found_embedding is
    'One result of a search; similarity is the cosine.';

create function private.nearest_embeddings_by_hamming(
    p_query extensions.vector,
    p_count integer,
    p_filter jsonb,
    p_owners uuid[]
)
returns setof private.found_embedding
language plpgsql
stable
security invoker
set search_path = ''
as $$
declare
    v_query_bits bit(1536) = extensions.binary_quantize(p_query);
    -- At least 10, because the distance of the very nearest row depends too much on chance.
    v_count integer = greatest(p_count, 10);
    v_limit integer;
    -- Cut-off: the largest Hamming distance, in bits, that a candidate may have.
    v_cut_off double precision = 1536;
begin
    -- When most bits of the query are equal, the Hamming distance says little about the angle.
    if bit_count(v_query_bits) not between 384 and 1152 then
        return;
    end if;

    -- First over a sample of the rows: its nearest rows are an upper bound of the cut-off for all.
    foreach v_limit in array array[500 + 10 * v_count, null] loop
        select max(k.hamming_distance)
        into v_cut_off
        from (
            select s.hamming_distance
            from (
                select r.*
                from (
                    select
                        e.id,
                        e.owner_id,
                        e.binary_embedding operator(extensions.<~>) v_query_bits as hamming_distance
                    from public.embeddings e
                    where
                        (p_owners is null or e.owner_id = any (p_owners))
                        and e.binary_embedding operator(extensions.<~>) v_query_bits <= v_cut_off
                    -- Own rows first, public rows (the nil uuid) last: the order of the index.
                    order by e.owner_id desc
                    limit v_limit
                ) r
                order by r.hamming_distance
            ) s
            -- The filter comes after sorting, so that it reads only as many rows as it needs.
            where
                p_filter = '{}'
                or (
                    select e.metadata @> p_filter
                    from public.embeddings e
                    where e.id = s.id and e.owner_id = s.owner_id
                )
            limit v_count
        ) k
        having count(*) = v_count;
        -- Too few rows of the sample contain the filter, so there may be few in all.
        if v_cut_off is null then
            return;
        end if;
    end loop;

    -- Two vectors differ in about angle / pi of their bits, with the standard deviation of 1,536
    -- coin tosses. The cut-off lies four deviations above the distance of the v_count-th nearest.
    -- The 16 is a margin for small distances. See docs/vector-search.md.
    v_cut_off = v_cut_off + 16 + 4 * sqrt(2 * v_cut_off * (1 - v_cut_off / 1536) + 16);

    return query
    select n.*
    from (
        select e.id, e.owner_id
        from public.embeddings e
        where
            (p_owners is null or e.owner_id = any (p_owners))
            and e.binary_embedding operator(extensions.<~>) v_query_bits <= v_cut_off
        -- The index has no vectors. Without `offset 0`, Postgres would read them in this scan,
        -- which would no longer be index-only.
        offset 0
    ) s
    cross join lateral (
        select
            e.id,
            e.content,
            e.metadata,
            1 - (e.embedding operator(extensions.<=>) p_query) as similarity
        from public.embeddings e
        where
            e.id = s.id
            and e.owner_id = s.owner_id
            and (p_filter = '{}' or e.metadata @> p_filter)
        offset 0
    ) n
    order by n.similarity desc, n.id
    limit p_count;
end
$$;

comment on function
    private.nearest_embeddings_by_hamming(extensions.vector, integer, jsonb, uuid[]) is
    'Called by private.nearest_embeddings(): picks candidates by Hamming distance and compares '
    'them exactly. Returns no rows in two cases, in which the distances say too little: when a '
    'sample has fewer matching rows than p_count (or than 10, if p_count is smaller), and when '
    'more than three quarters of the query''s bits have the same value.';

revoke execute on function
    private.nearest_embeddings_by_hamming(extensions.vector, integer, jsonb, uuid[])
    from public, anon, authenticated, service_role;

create function private.nearest_embeddings_by_hnsw(
    p_query extensions.vector,
    p_count integer,
    p_filter jsonb,
    p_owners uuid[]
)
returns setof private.found_embedding
language plpgsql
stable
security invoker
set search_path = ''
-- Makes the planner take the HNSW index, because no other index delivers its order.
set enable_sort = off
as $$
declare
    v_query_bits bit(1536) = extensions.binary_quantize(p_query);
    v_ef_search text = current_setting('hnsw.ef_search', true);
    v_ids text[];
    v_owner_ids uuid[];
    -- The largest Hamming distance of the rows that the index found.
    v_hamming_distance double precision;
begin
    -- Set here instead of in the function's header, because only a superuser may do that before
    -- pgvector is loaded. 200 is twice the number of rows that are used.
    perform set_config('hnsw.ef_search', '200', true);
    select array_agg(f.id), array_agg(f.owner_id), max(f.hamming_distance)
    into v_ids, v_owner_ids, v_hamming_distance
    from (
        select n.id, n.owner_id, n.hamming_distance
        from (
            select
                e.id,
                e.owner_id,
                e.metadata,
                e.binary_embedding operator(extensions.<~>) v_query_bits as hamming_distance,
                e.embedding operator(extensions.<=>) p_query as distance
            from public.embeddings e
            order by e.embedding operator(extensions.<=>) p_query
            limit 100
        ) n
        where
            (p_owners is null or n.owner_id = any (p_owners))
            and n.metadata @> p_filter
        order by n.distance
        limit p_count
    ) f
    having count(*) = p_count;
    perform set_config('hnsw.ef_search', v_ef_search, true);
    if v_hamming_distance is null then
        return;
    end if;

    -- The graph of the index has no path to some rows, now and then to a whole topic. Therefore the
    -- rows with the smallest Hamming distance are compared, too.
    return query
    select
        e.id,
        e.content,
        e.metadata,
        1 - (e.embedding operator(extensions.<=>) p_query)
    from (
        select f.id, f.owner_id
        from unnest(v_ids, v_owner_ids) f (id, owner_id)
        union
        (
            select e.id, e.owner_id
            from public.embeddings e
            where
                (p_owners is null or e.owner_id = any (p_owners))
                -- 64 bits are two to three standard deviations, so that few rows are sorted.
                and e.binary_embedding operator(extensions.<~>) v_query_bits
                    <= v_hamming_distance + 64
            order by e.binary_embedding operator(extensions.<~>) v_query_bits
            limit 2000
        )
    ) s
    join public.embeddings e on e.id = s.id and e.owner_id = s.owner_id
    where p_filter = '{}' or e.metadata @> p_filter
    order by 4 desc, 1
    limit p_count;
end
$$;

comment on function
    private.nearest_embeddings_by_hnsw(extensions.vector, integer, jsonb, uuid[]) is
    'Called by private.nearest_embeddings(): takes the 100 nearest rows of all owners from the '
    'HNSW index. If p_count of them qualify, returns the best of these and of the 2,000 rows with '
    'the smallest Hamming distance. Otherwise returns no rows.';

revoke execute on function
    private.nearest_embeddings_by_hnsw(extensions.vector, integer, jsonb, uuid[])
    from public, anon, authenticated, service_role;

create function private.estimate_embeddings(
    p_filter jsonb,
    p_owners uuid[],
    out of_owners double precision,
    out qualifying double precision
)
language plpgsql
-- Volatile, because Postgres refuses `explain` in a stable function.
volatile
security invoker
set search_path = ''
-- No parallel plans, because their JSON has another form.
set max_parallel_workers_per_gather = 0
as $$
declare
    v_plan json;
begin
    execute $explain$
        explain (format json)
        select from public.embeddings where $1 is null or owner_id = any ($1)
        union all
        select from public.embeddings where ($1 is null or owner_id = any ($1)) and metadata @> $2
    $explain$
    into v_plan
    using p_owners, p_filter;
    of_owners = (v_plan #>> '{0,Plan,Plans,0,Plan Rows}')::double precision;
    qualifying = (v_plan #>> '{0,Plan,Plans,1,Plan Rows}')::double precision;
end
$$;

comment on function private.estimate_embeddings(jsonb, uuid[]) is
    'Returns the planner''s estimates of the number of rows of the owners, and of those whose '
    'metadata contains the filter. Reads statistics only.';

revoke execute on function private.estimate_embeddings(jsonb, uuid[])
    from public, anon, authenticated;

create function private.nearest_embeddings(
    p_query extensions.vector,
    p_count integer,
    p_filter jsonb,
    p_owners uuid[]
)
returns setof private.found_embedding
language plpgsql
stable
security invoker
set search_path = ''
-- These settings also apply in the functions that it calls.
-- A custom plan drops the conditions on an absent filter or owner.
set plan_cache_mode = force_custom_plan
-- JIT compilation takes longer than the query.
set jit = off
-- A page in memory costs about as much as ten tuples. With the default costs, the planner reads all
-- rows of a common key from the GIN index, of all owners: 17 ms instead of 1.3 ms for an owner of
-- 600 rows (60,000 rows, half of them with the key).
set random_page_cost = 0.1
set seq_page_cost = 0.1
as $$
declare
    -- Up to this number of rows, an exact comparison is faster: 5 ms for 2,000 rows, where
    -- candidates by Hamming distance take 5 to 13 ms.
    v_exact_limit constant integer = 2000;
    -- Above this number of rows, a search of the HNSW index that finds too few rows adds little to
    -- the total time.
    v_hnsw_minimum constant integer = 50000;
    v_filter jsonb = coalesce(p_filter, '{}');
    v_rows integer;
    v_of_owners double precision;
    v_qualifying double precision;
begin
    if extensions.vector_dims(p_query) is distinct from 1536 then
        raise exception 'query_embedding must have 1536 dimensions, not %',
            coalesce(extensions.vector_dims(p_query)::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_query operator(extensions.<=>) p_query < 1) is not true then
        raise exception 'query_embedding must not be zero or nearly zero'
            using errcode = 'invalid_parameter_value';
    end if;
    if (p_count between 1 and 1000) is not true then
        raise exception 'match_count must be between 1 and 1000, not %',
            coalesce(p_count::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    if jsonb_typeof(v_filter) <> 'object' then
        raise exception 'filter must be a JSON object, not %', jsonb_typeof(v_filter)
            using errcode = 'invalid_parameter_value';
    end if;

    select count(*)
    into v_rows
    from (
        select
        from public.embeddings e
        where p_owners is null or e.owner_id = any (p_owners)
        -- The order keeps the planner from counting a large owner's rows in a narrower index, which
        -- has the rows of all owners.
        order by e.owner_id
        limit v_exact_limit + 1
    ) r;

    if v_rows > v_exact_limit then
        select x.of_owners, x.qualifying
        into v_of_owners, v_qualifying
        from private.estimate_embeddings(v_filter, p_owners) x;
        -- A filter has to read the metadata of each candidate. When few rows, or a small share of
        -- the owner's, contain it, the GIN index and an exact comparison are faster.
        if v_filter = '{}' or v_qualifying > greatest(v_exact_limit, 0.05 * v_of_owners) then
            if v_of_owners > v_hnsw_minimum and p_count <= 100 then
                return query
                select n.*
                from private.nearest_embeddings_by_hnsw(p_query, p_count, v_filter, p_owners) n;
                if found then
                    return;
                end if;
            end if;
            return query
            select n.*
            from private.nearest_embeddings_by_hamming(p_query, p_count, v_filter, p_owners) n;
            if found then
                return;
            end if;
        end if;
    end if;

    return query
    select
        e.id,
        e.content,
        e.metadata,
        -- Sorting by another expression than that of the HNSW index keeps it from being used.
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
    'Returns the nearest p_count rows whose metadata contains the filter. p_owners limits the '
    'search to these owners; null means all.';

revoke execute on function private.nearest_embeddings(extensions.vector, integer, jsonb, uuid[])
    from public, anon, authenticated;

create function private.nearest_embeddings_of_caller(
    p_query extensions.vector,
    p_count integer,
    p_filter jsonb,
    p_sees_all boolean
)
returns setof private.found_embedding
language plpgsql
stable
-- Definer: under a policy, the filter could not use its index, because `@>` is not leakproof.
security definer
set search_path = ''
as $$
declare
    v_account_id uuid = auth.uid();
begin
    -- match_embeddings() never passes true for a caller whom policies restrict. This check stops
    -- any other function that would.
    if p_sees_all and current_setting('role') in ('anon', 'authenticated') then
        raise exception 'only the service role can search all embeddings'
            using errcode = 'insufficient_privilege';
    end if;
    return query
    select n.*
    from private.nearest_embeddings(
        p_query, p_count, p_filter,
        -- Other callers search their own and the public rows.
        case
            when p_sees_all then null
            else array[v_account_id, '00000000-0000-0000-0000-000000000000']
        end
    ) n;
end
$$;

comment on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb, boolean) is
    'Calls private.nearest_embeddings() for the caller''s own and the public rows, or for all rows '
    'when p_sees_all is true. Fails with 42501 when anon or authenticated passes true.';

revoke execute on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb, boolean)
    from public, anon, authenticated, service_role;
grant execute on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb, boolean)
    to authenticated, service_role;

create function public.match_embeddings(
    query_embedding extensions.vector(1536),
    match_threshold double precision default -1,
    match_count integer default 10,
    filter jsonb default '{}'
)
returns table (id text, content text, metadata jsonb, similarity double precision)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    return query
    select n.*
    from private.nearest_embeddings_of_caller(
        query_embedding, match_count, filter, not row_security_active('public.embeddings')
    ) n
    -- Applied to the results: as a condition of the search, it would slow the search down.
    where n.similarity >= coalesce(match_threshold, -1)
    order by n.similarity desc, n.id;
end
$$;

comment on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb) is
    'Returns the match_count rows nearest to query_embedding, best first. It searches the rows '
    'that the caller may read: own and public ones, or all for the service role. Their metadata '
    'must contain the filter, and their similarity (cosine, -1 to 1) must be match_threshold or '
    'more. Returns fewer rows only when fewer exist. Exact up to 2,000 rows per owner; for more, '
    'see docs/vector-search.md. Fails with 22023 for a vector that is zero or has not 1536 '
    'dimensions, a filter that is not an object, and a match_count that is not between 1 and 1000.';

revoke execute on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb)
    from public, anon, authenticated, service_role;
grant execute on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb)
    to authenticated, service_role;
