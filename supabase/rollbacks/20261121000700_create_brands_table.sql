-- Rolls back 20261121000700_create_brands_table. Deletes all brands.
--
-- Locks: access exclusive on brands and tenants, until the end of the transaction.

set local lock_timeout = '5s';

drop table public.brands;
