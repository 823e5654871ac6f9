-- Rolls back 20261121000290_create_and_delete_tenants. No data is lost: tenants that their owners
-- deleted stay inactive, and the maintenance still deletes them.
--
-- Locks: none that blocks clients.

set local lock_timeout = '5s';

drop function public.delete_tenant(text);
drop function public.create_tenant(text, text);

drop function private.delete_tenant(text);
drop function private.create_tenant(text, text);
drop function private.free_slug(text);
