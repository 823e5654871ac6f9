-- Rolls back 20261121001300_create_ai_usage_table. Deletes all logged calls, including archived
-- ones.
--
-- Locks: access exclusive on ai_usage, ai_usage_archive and auth.users, until the end of the
-- transaction, which blocks sign-ins.

set local lock_timeout = '5s';

drop function public.get_usage_stats(uuid, timestamptz, timestamptz);

drop table public.ai_usage_archive;
drop table public.ai_usage;
drop function private.fill_tokens_total();
drop function private.refuse_archived_call();
