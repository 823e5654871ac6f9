import postgres from "postgres";
import { CommandError } from "../project/command.ts";
import { connectTo } from "../project/database-url.ts";

export const maintenancePeriods = ["daily", "weekly", "monthly"] as const;
export type MaintenancePeriod = (typeof maintenancePeriods)[number];

/** The outcome of one task, over all its batches. */
export interface TaskOutcome {
  task: string;
  /** Null for a task that counts no rows. */
  rows: number | null;
  durationMs: number;
  /** Why the task stopped. The batches before the error stay committed. */
  error: string | null;
}

interface MaintenanceOptions {
  databaseUrl: string;
  period: MaintenancePeriod;
  /** The maximum number of rows per batch. The default depends on the task. */
  batch?: number | undefined;
  /** Called after each batch with the number of rows that the task has processed so far. */
  onProgress?: (task: string, rows: number) => void;
  onOutcome: (outcome: TaskOutcome) => void;
}

/** The port of the transaction pooler on hosted Supabase. */
const TRANSACTION_POOLER = "6543";

interface Session {
  sql: postgres.Sql;
  /** The warnings that Postgres sent. */
  warnings: string[];
}

/**
 * Runs the maintenance tasks of a period one after another, each in as many batches as it needs.
 * Every batch is one statement: the process can be killed at any time, and the next run continues
 * from there. When a task fails, the next tasks still run.
 *
 * @returns false when another session is running maintenance, so that nothing was done
 * @throws CommandError when the database lacks the migrations, or the connection is lost
 */
export async function maintain(options: MaintenanceOptions): Promise<boolean> {
  return withSession(options.databaseUrl, async (session) => {
    const { sql } = session;
    const [lock] = await sql`select pg_try_advisory_lock(private.maintenance_lock()) as is_ours`;
    if (!lock?.is_ours) return false;
    // Hosted Supabase limits a statement to minutes. A refresh or a vacuum may need longer.
    await sql`set statement_timeout = 0`;
    await sql`set lock_timeout = '30s'`;
    try {
      for (const task of await tasksOf(sql, options.period)) {
        options.onOutcome(await runTask(session, task, options));
      }
    } finally {
      // The end of the session would reset all of this, but a pooled session outlives the client.
      // Errors are ignored here: when the connection is lost, its own error is thrown.
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
 * Counts what each maintenance task of a period would process. Depending on the task, these are due
 * rows, rows of a summary, relations to measure, or dead rows to vacuum. Changes nothing.
 *
 * @throws the same errors as `maintain`
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
  // Includes materialized views, because a refresh leaves dead rows in them.
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

/** Runs one batch. The database function writes the log. */
async function runBatch(sql: postgres.Sql, task: string, batch: number | undefined) {
  const [run] = await sql`
    select task, rows_affected, error
    from private.run_maintenance_task(${task}, ${batch ?? null})`;
  if (!run?.task) throw new CommandError("another session has started maintenance");
  const rows = run.rows_affected === null ? null : Number(run.rows_affected);
  return { rows, error: run.error as string | null };
}

/** Vacuums a relation, logs the run and returns the error. A function cannot run `vacuum`. */
async function vacuum({ sql, warnings }: Session, relation: string): Promise<string | null> {
  const [start] = await sql`select clock_timestamp()::text as at`;
  warnings.length = 0;
  let error: string | null = null;
  try {
    await sql.unsafe(`vacuum (analyze) ${relation}`);
    // Without the privilege, Postgres skips the relation and sends only a warning.
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
      "the transaction pooler (port 6543) cannot hold the maintenance lock: it switches sessions",
      "use the direct URL, or the URL of the session pooler (port 5432)",
    );
  }
  // The lock, the timeouts and the tasks must share one session.
  const sql = connectTo(databaseUrl, {
    onnotice: ({ severity, message }) => severity === "WARNING" && warnings.push(`${message}`),
  });
  try {
    return await use({ sql, warnings });
  } catch (error) {
    if (isConnectionLost(error)) {
      throw new CommandError(
        "the connection was lost",
        "run the command again: it continues where it stopped",
      );
    }
    const { code } = error as postgres.PostgresError;
    if (code !== "42883" && code !== "3F000") throw error;
    throw new CommandError("the database lacks the maintenance functions", "run: npm run db:push");
  } finally {
    await sql.end();
  }
}

/** Returns whether the network or Postgres closed the connection, e.g. in a shutdown. */
function isConnectionLost(error: unknown): boolean {
  const { code = "" } = error as NodeJS.ErrnoException;
  return (
    ["CONNECTION_CLOSED", "CONNECTION_ENDED", "ECONNRESET"].includes(code) || /^57P0/.test(code)
  );
}
