-- The search: match_embeddings() returns the nearest rows among those that the caller may see,
-- whatever share of the table they are, and wherever they lie.
--
-- One HNSW index serves all owners, and an owner's rows may be rare in it, or far from the query.
-- Filtering in its scan, iterative or not, finds less: for an owner of half the rows, in topics of
-- their own, it had a recall@10 of 0.91 (60,000 rows of 1536 dimensions). So:
-- - A few rows are compared one by one, which is exact.
-- - Of more, the signs of the vectors tell which may be among the nearest, and these are compared.
-- - Of many, the HNSW index is asked for the nearest of everybody before. When enough of these
--   qualify, they are compared with those that the signs tell of: alone, the index found none of
--   the ten nearest in one search of 160, and 0.99 of them in the others (200,000 rows).
--
-- Locks: none on existing objects.

set local lock_timeout = '5s';

create type private.found_embedding as (
    id text,
    content text,
    metadata jsonb,
    similarity double precision
);

comment on type private.found_embedding is 'A row that a search has found; similarity is the cosine.';

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
    v_signs bit(1536) = extensions.binary_quantize(p_query);
    -- The nearest of a few are too much a matter of chance to go by.
    v_count integer = greatest(p_count, 10);
    v_limit integer;
    -- In how many signs a row may differ from the query, and be of interest.
    v_reach double precision = 1536;
begin
    -- Of numbers that are mostly of one sign, the others tell how many there are, and no direction.
    if bit_count(v_signs) not between 384 and 1152 then
        return;
    end if;

    -- First of some rows, since the nearest of these are not nearer than those of all.
    foreach v_limit in array array[500 + 10 * v_count, null] loop
        select max(k.unlike)
        into v_reach
        from (
            select s.unlike
            from (
                select r.*
                from (
                    select
                        e.id,
                        e.owner_id,
                        e.binary_embedding operator(extensions.<~>) v_signs as unlike
                    from public.embeddings e
                    where
                        (p_owners is null or e.owner_id = any (p_owners))
                        and e.binary_embedding operator(extensions.<~>) v_signs <= v_reach
                    -- In the order of the index, one's own before the public ones.
                    order by e.owner_id desc
                    limit v_limit
                ) r
                order by r.unlike
            ) s
            -- After sorting, so that no more rows are read than it takes to find v_count.
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
        -- The filter's rows are not among the first, so they may be few.
        if v_reach is null then
            return;
        end if;
    end loop;

    -- Vectors at an angle differ in angle / pi of their signs, give or take what chance does: the
    -- sum of 1536 throws. A row is passed over when it differs by four deviations more than the
    -- nearest by signs do, the 16 being for small numbers of throws. See docs/vector-search.md.
    v_reach = v_reach + 16 + 4 * sqrt(2 * v_reach * (1 - v_reach / 1536) + 16);

    return query
    select n.*
    from (
        select e.id, e.owner_id
        from public.embeddings e
        where
            (p_owners is null or e.owner_id = any (p_owners))
            and e.binary_embedding operator(extensions.<~>) v_signs <= v_reach
        -- Fences off the index, which has no vectors.
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
    'As private.nearest_embeddings(), which calls it, comparing only the rows whose signs are like '
    'the query''s. Nothing when it cannot tell: where fewer than p_count, or 10, of the first rows '
    'qualify, or most of the query''s numbers are of one sign.';

revoke execute on function
    private.nearest_embeddings_by_hamming(extensions.vector, integer, jsonb, uuid[])
    from public, anon, authenticated;

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
-- So that the HNSW index, which alone delivers its order, is used where it can be.
set enable_sort = off
as $$
declare
    v_signs bit(1536) = extensions.binary_quantize(p_query);
    v_ef_search text = current_setting('hnsw.ef_search', true);
    v_ids text[];
    v_owner_ids uuid[];
    -- In how many signs those found differ from the query.
    v_unlike double precision;
begin
    -- Not a setting of the function: only a superuser may make one before pgvector is loaded. The
    -- index keeps twice as many in view as are used of it.
    perform set_config('hnsw.ef_search', '200', true);
    select array_agg(f.id), array_agg(f.owner_id), max(f.unlike)
    into v_ids, v_owner_ids, v_unlike
    from (
        select n.id, n.owner_id, n.unlike
        from (
            select
                e.id,
                e.owner_id,
                e.metadata,
                e.binary_embedding operator(extensions.<~>) v_signs as unlike,
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
    if v_unlike is null then
        return;
    end if;

    -- The index has no way to some rows, now and then to all of a topic: those whose signs are most
    -- like the query's are compared, too.
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
                -- Two or three deviations more, so that few are sorted.
                and e.binary_embedding operator(extensions.<~>) v_signs <= v_unlike + 64
            order by e.binary_embedding operator(extensions.<~>) v_signs
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
    'As private.nearest_embeddings(), which calls it, if p_count of the 100 nearest of everybody '
    'qualify: the best of these and of the 2000 whose signs are most like the query''s. Otherwise '
    'nothing.';

revoke execute on function
    private.nearest_embeddings_by_hnsw(extensions.vector, integer, jsonb, uuid[])
    from public, anon, authenticated;

create function private.estimate_embeddings(
    p_filter jsonb,
    p_owners uuid[],
    out of_owners double precision,
    out qualifying double precision
)
language plpgsql
-- Only because Postgres refuses to explain in a stable one.
volatile
security invoker
set search_path = ''
-- A plan for several workers has another form.
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
    'How many rows the planner expects of the owners, and how many of these contain the filter: '
    'from statistics, without counting.';

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
-- These hold in the functions that it calls, too.
-- So that an absent filter, or owner, is no condition.
set plan_cache_mode = force_custom_plan
-- Compiling a query takes longer than running it.
set jit = off
-- Reading a page that is in memory costs about as much as ten tuples. With the defaults, the GIN
-- index was read for every row of all owners that has a common key: 17 ms for an owner of 600
-- rows instead of 1.3 (60,000 rows, half of them with the key).
set random_page_cost = 0.1
set seq_page_cost = 0.1
as $$
declare
    -- Up to so many are compared sooner than signs tell which of them to compare: 2,000 in 5 ms, by
    -- signs in 5 to 13.
    v_few constant integer = 2000;
    -- From so many on, asking the index in vain costs little of the whole.
    v_many constant integer = 50000;
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
    into v_rows
    from (
        select
        from public.embeddings e
        where p_owners is null or e.owner_id = any (p_owners)
        -- Else a large owner's are counted among everybody's, in a narrower index.
        order by e.owner_id
        limit v_few + 1
    ) r;

    if v_rows > v_few then
        select x.of_owners, x.qualifying
        into v_of_owners, v_qualifying
        from private.estimate_embeddings(v_filter, p_owners) x;
        -- With a filter, rows are read to ask for their metadata: of a few, or of a small share,
        -- the filter's index finds all sooner than signs find the nearest.
        if v_filter = '{}' or v_qualifying > greatest(v_few, 0.05 * v_of_owners) then
            if v_of_owners > v_many and p_count <= 100 then
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
        -- Not the order of the HNSW index, so that it is not used.
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
    'contains the filter.';

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
-- Definer: under a policy, the operator of the filter could not use its index.
security definer
set search_path = ''
as $$
begin
    -- match_embeddings() says so of nobody whom a policy holds; this is for whoever else would.
    if p_sees_all and current_setting('role') in ('anon', 'authenticated') then
        raise exception 'only the backend searches the embeddings of all'
            using errcode = 'insufficient_privilege';
    end if;
    return query
    select n.*
    from private.nearest_embeddings(
        p_query, p_count, p_filter,
        -- Of anybody else, the owners follow from who the caller is.
        case
            when p_sees_all then null
            else array[auth.uid(), '00000000-0000-0000-0000-000000000000']
        end
    ) n;
end
$$;

comment on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb, boolean) is
    'private.nearest_embeddings() among the caller''s own rows and the public ones or, for the '
    'backend, among all. Fails with 42501 for anybody else who asks for all.';

revoke execute on function
    private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb, boolean)
    from public, anon, authenticated;
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
    -- For what was found: in the search itself it would only slow it down.
    where n.similarity >= coalesce(match_threshold, -1)
    order by n.similarity desc, n.id;
end
$$;

comment on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb) is
    'The match_count rows nearest to query_embedding, best first, among those that the caller may '
    'see (own and public; for the service role all), whose metadata contains the filter and whose '
    'similarity is match_threshold or more; fewer only when fewer exist. Exact up to 2000 rows; '
    'above that as docs/vector-search.md tells. Similarity is the cosine, -1 to 1. '
    'Fails with 22023 for other than 1536 dimensions, a zero vector, a filter that is no '
    'object, and a count below 1 or above 1000.';

revoke execute on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb)
    from public, anon, authenticated;
grant execute on function
    public.match_embeddings(extensions.vector, double precision, integer, jsonb)
    to authenticated, service_role;
