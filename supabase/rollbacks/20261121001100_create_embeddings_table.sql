-- Rolls back 20261121001100_create_embeddings_table. Deletes all documents and their vectors.
--
-- Locks: access exclusive on embeddings and auth.users, until the end of the
-- transaction, which blocks sign-ins.

set local lock_timeout = '5s';

drop function public.clear_all_embeddings();
drop function public.delete_by_metadata(jsonb);
drop function public.store_embeddings(jsonb);

drop table public.embeddings;

-- The extension stays when another object uses it or another role owns it.
do $$
begin
    drop extension vector;
exception
    when dependent_objects_still_exist or insufficient_privilege then
        raise notice 'the extension vector stays: %', sqlerrm;
end
$$;
