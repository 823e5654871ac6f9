-- Reverses the migration of this name. Lost: the log of the maintenance, the snapshots of sizes,
-- and when a row was archived. The archived rows themselves go back to ai_usage. The extension
-- pg_cron stays, since others may have jobs of their own.
--
-- Locks: access exclusive on ai_usage_archive and auth.users, until the end of the transaction, which
-- takes as long as moving the rows; nobody signs in after that.
-- Undo: supabase db push.

set local lock_timeout = '5s';

do $$
begin
    if exists (select from pg_catalog.pg_extension where extname = 'pg_cron') then
        execute $sql$
            select cron.unschedule(j.jobid)
            from cron.job j
            where
                j.jobname in ('maintenance-daily', 'maintenance-weekly', 'maintenance-monthly')
                and j.username = current_user
                and j.database = current_database()
        $sql$;
    end if;
end
$$;

-- A batch that is under way ends first, and no other begins: what it moved would be dropped below.
select pg_advisory_xact_lock(private.maintenance_lock());
lock table public.ai_usage_archive in access exclusive mode;

insert into public.ai_usage (
    id, user_id, operation_type, model, tokens_prompt, tokens_completion, cost, latency_ms,
    created_at
)
select
    a.id, a.user_id, a.operation_type, a.model, a.tokens_prompt, a.tokens_completion, a.cost,
    a.latency_ms, a.created_at
from public.ai_usage_archive a;

create or replace function public.get_usage_stats(
    p_user_id uuid default auth.uid(),
    p_start timestamptz default null,
    p_end timestamptz default null
)
returns table (
    operation_type text,
    model text,
    request_count bigint,
    tokens_prompt bigint,
    tokens_completion bigint,
    tokens_total bigint,
    cost numeric,
    average_latency_ms numeric,
    p95_latency_ms numeric
)
language plpgsql
stable
security invoker
set search_path = ''
as $$
begin
    if p_start > p_end then
        raise exception 'the period ends before it starts'
            using errcode = 'invalid_parameter_value', detail = format('%s to %s', p_start, p_end);
    end if;
    return query
    select
        u.operation_type,
        u.model,
        count(*),
        sum(u.tokens_prompt)::bigint,
        sum(u.tokens_completion)::bigint,
        sum(u.tokens_total)::bigint,
        sum(u.cost),
        round(avg(u.latency_ms), 1),
        round((percentile_cont(0.95) within group (order by u.latency_ms))::numeric, 1)
    from public.ai_usage u
    where
        u.user_id = p_user_id
        and u.created_at >= coalesce(p_start, '-infinity')
        and u.created_at < coalesce(p_end, 'infinity')
    group by u.operation_type, u.model
    order by u.operation_type, u.model;
end
$$;

drop function private.schedule_maintenance();
drop function private.run_maintenance(text);
drop function private.copy_cron_log();
drop function private.run_maintenance_task(text, integer);
drop function private.log_maintenance_run(text, timestamptz, bigint, text);
drop function private.count_maintenance_rows(text);
drop function private.record_sizes();
drop function private.move_old_ai_usage(integer);
drop function private.delete_finished_sessions(integer);
drop function private.archive_idle_conversations(integer);
drop function private.maintenance_tasks(text);
drop function private.maintenance_lock();

drop view private.old_ai_usage;
drop view private.finished_sessions;
drop view private.idle_conversations;

drop table private.size_snapshots;
drop table private.maintenance_runs;
drop table public.ai_usage_archive;
