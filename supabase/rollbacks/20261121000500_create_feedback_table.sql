-- Rolls back 20261121000500_create_feedback_table. Deletes all feedback.
--
-- Locks: access exclusive on feedback, messages and users, until the end of the transaction.

set local lock_timeout = '5s';

drop function public.get_message_feedback_summary(uuid);
drop function private.message_feedback_summary_of_caller(uuid);
drop materialized view public.message_feedback_summary;
drop view private.feedback_by_message;

drop table public.feedback;

drop function private.fill_tenant_from_message();
