-- The last run of each maintenance task, and when the task last succeeded.
select
    l.task,
    l.started_at,
    l.duration_ms,
    l.rows_affected,
    l.error,
    (
        select max(w.finished_at)
        from private.maintenance_runs w
        where w.task = l.task and w.error is null
    ) as succeeded_at
from (
    select distinct on (r.task) r.*
    from private.maintenance_runs r
    order by r.task, r.started_at desc, r.id desc
) l
order by l.started_at desc, l.task
