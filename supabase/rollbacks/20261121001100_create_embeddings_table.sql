-- Takes back 20261121001100_create_embeddings_table. All documents and their vectors go.
--
-- Locks: access exclusive on embeddings and auth.users, until the end of the
-- transaction, while nobody signs in.

set local lock_timeout = '5s';

drop function public.clear_all_embeddings();
drop function public.delete_by_metadata(jsonb);

drop table public.embeddings;

-- It stays where something else uses it, or somebody else has made it.
do $$
begin
    drop extension vector;
exception
    when dependent_objects_still_exist or insufficient_privilege then
        raise notice 'the extension vector stays: %', sqlerrm;
end
$$;
