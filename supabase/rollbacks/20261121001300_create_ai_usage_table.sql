-- Takes back 20261121001300_create_ai_usage_table. All logged calls go.
--
-- Locks: access exclusive on ai_usage and auth.users, until the end of the
-- transaction, while nobody signs in.

set local lock_timeout = '5s';

drop function public.get_usage_stats(uuid, timestamptz, timestamptz);

drop table public.ai_usage;
