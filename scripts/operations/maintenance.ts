import postgres from "postgres";
import { CommandError } from "../project/command.ts";
import { connectTo } from "../project/database-url.ts";

export const maintenancePeriods = ["daily", "weekly", "monthly"] as const;
export type MaintenancePeriod = (typeof maintenancePeriods)[number];

/** What became of one task, all its batches together. */
export interface TaskOutcome {
  task: string;
  /** Null where nothing is counted. */
  rows: number | null;
  durationMs: number;
  /** Why it stopped; the batches before that stay done. */
  error: string | null;
}

interface MaintenanceOptions {
  databaseUrl: string;
  period: MaintenancePeriod;
  /** The most rows that one batch changes; without it, each task has its own measure. */
  batch?: number | undefined;
  /** Hears after each batch how many rows of the task are done. */
  onProgress?: (task: string, rows: number) => void;
  onOutcome: (outcome: TaskOutcome) => void;
}

/** Supabase's port for it. */
const TRANSACTION_POOLER = "6543";

interface Session {
  sql: postgres.Sql;
  /** What Postgres has warned of. */
  warnings: string[];
}

/**
 * Does a period's maintenance, task by task, each in as many batches as it takes. Every batch is one
 * statement: it may be killed at any time, and the next run goes on from there. A task that fails
 * does not keep the next from running.
 *
 * @returns false when another session maintains the database, and so nothing was done
 * @throws CommandError when the database lacks the migrations, or the connection is lost
 */
export async function maintain(options: MaintenanceOptions): Promise<boolean> {
  return withSession(options.databaseUrl, async (session) => {
    const { sql } = session;
    const [lock] = await sql`select pg_try_advisory_lock(private.maintenance_lock()) as is_ours`;
    if (!lock?.is_ours) return false;
    // The platform limits statements to minutes, which a refresh or a vacuum may need more than.
    await sql`set statement_timeout = 0`;
    await sql`set lock_timeout = '30s'`;
    try {
      for (const task of await tasksOf(sql, options.period)) {
        options.onOutcome(await runTask(session, task, options));
      }
    } finally {
      // All of it would go with the session, but where that is shared, others live on in it. When
      // the connection is lost, that is what counts.
      await sql`
        select pg_advisory_unlock(private.maintenance_lock()),
          set_config('statement_timeout', reset_val, false)
        from pg_settings where name = 'statement_timeout'`.catch(() => {});
      await sql`reset lock_timeout`.catch(() => {});
    }
    return true;
  });
}

/**
 * What a period's maintenance would find to do, task by task: rows that are due, rows of a summary,
 * relations to measure, or dead rows to vacuum. Changes nothing.
 *
 * @throws as `maintain`
 */
export async function planMaintenance(databaseUrl: string, period: MaintenancePeriod) {
  return withSession(databaseUrl, async ({ sql }) => {
    const plan: { task: string; rows: number }[] = [];
    for (const task of await tasksOf(sql, period)) {
      const [found] = isVacuum(task)
        ? await sql`select pg_stat_get_dead_tuples(${relationOf(task)}::regclass) as rows`
        : await sql`select private.count_maintenance_rows(${task}) as rows`;
      plan.push({ task, rows: Number(found?.rows) });
    }
    return plan;
  });
}

const VACUUM = "vacuum ";
const isVacuum = (task: string) => task.startsWith(VACUUM);
const relationOf = (task: string) => task.slice(VACUUM.length);

async function tasksOf(sql: postgres.Sql, period: MaintenancePeriod): Promise<string[]> {
  if (period !== "weekly") {
    const [row] = await sql`select private.maintenance_tasks(${period}) as tasks`;
    return row?.tasks;
  }
  // The refreshes leave dead rows in the summaries, as updates do in tables.
  const relations = await sql`
    select format('%I.%I', relnamespace::regnamespace, relname) as name from pg_class
    where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
      and relkind in ('r', 'm') and pg_has_role(relowner, 'USAGE')
    order by 1`;
  return relations.map(({ name }) => `${VACUUM}${name}`);
}

async function runTask(session: Session, task: string, options: MaintenanceOptions) {
  const outcome: TaskOutcome = { task, rows: null, durationMs: 0, error: null };
  const start = performance.now();
  if (isVacuum(task)) {
    outcome.error = await vacuum(session, relationOf(task));
  } else {
    for (let goesOn = true; goesOn; ) {
      const run = await runBatch(session.sql, task, options.batch);
      outcome.error = run.error;
      outcome.rows = run.rows === null ? outcome.rows : (outcome.rows ?? 0) + run.rows;
      options.onProgress?.(task, outcome.rows ?? 0);
      goesOn = options.period === "monthly" && run.error === null && run.rows !== 0;
    }
  }
  outcome.durationMs = performance.now() - start;
  return outcome;
}

/** Runs one batch, which logs itself. */
async function runBatch(sql: postgres.Sql, task: string, batch: number | undefined) {
  const [run] = await sql`
    select task, rows_affected, error
    from private.run_maintenance_task(${task}, ${batch ?? null})`;
  if (!run?.task) throw new CommandError("another session has taken the maintenance over");
  const rows = run.rows_affected === null ? null : Number(run.rows_affected);
  return { rows, error: run.error as string | null };
}

/** Vacuums a relation, which no function can, and logs it; returns what went wrong. */
async function vacuum({ sql, warnings }: Session, relation: string): Promise<string | null> {
  const [start] = await sql`select clock_timestamp()::text as at`;
  warnings.length = 0;
  let error: string | null = null;
  try {
    await sql.unsafe(`vacuum (analyze) ${relation}`);
    // Without the right to it, Postgres leaves the relation out with a warning alone.
    error = warnings[0] ?? null;
  } catch (cause) {
    if (isConnectionLost(cause) || !(cause instanceof postgres.PostgresError)) throw cause;
    error = `${cause.message} (${cause.code})`;
  }
  await sql`select from private.log_maintenance_run(
    ${VACUUM + relation}, ${start?.at}::text::timestamptz, null, ${error})`;
  return error;
}

async function withSession<T>(databaseUrl: string, use: (session: Session) => Promise<T>) {
  const warnings: string[] = [];
  if (new URL(databaseUrl).port === TRANSACTION_POOLER) {
    throw new CommandError(
      "the transaction pooler changes the session all the time, and the lock would be lost in it",
      "use the direct URL, or that of the session pooler (port 5432)",
    );
  }
  // The lock, the limits and the work belong to one session.
  const sql = connectTo(databaseUrl, {
    onnotice: ({ severity, message }) => severity === "WARNING" && warnings.push(`${message}`),
  });
  try {
    return await use({ sql, warnings });
  } catch (error) {
    if (isConnectionLost(error)) {
      throw new CommandError("the connection was lost", "run it again: it goes on from there");
    }
    const { code } = error as postgres.PostgresError;
    if (code !== "42883" && code !== "3F000") throw error;
    throw new CommandError("the database lacks the maintenance functions", "run: npm run db:push");
  } finally {
    await sql.end();
  }
}

/** Closed by the network, or by Postgres: shut down, or told to end the session. */
function isConnectionLost(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return (
    ["CONNECTION_CLOSED", "CONNECTION_ENDED", "ECONNRESET"].includes(code) || /^57P0/.test(code)
  );
}
