-- Rolls back 20261121001200_create_vector_search. No data is lost.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function public.match_embeddings(extensions.vector, double precision, integer, jsonb);
drop function private.nearest_embeddings_of_caller(extensions.vector, integer, jsonb, boolean);
drop function private.nearest_embeddings(extensions.vector, integer, jsonb, uuid[]);
drop function private.estimate_embeddings(jsonb, uuid[]);
drop function private.nearest_embeddings_by_hnsw(extensions.vector, integer, jsonb, uuid[]);
drop function private.nearest_embeddings_by_hamming(extensions.vector, integer, jsonb, uuid[]);

drop type private.found_embedding;
