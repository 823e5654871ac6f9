import { styleText } from "node:util";
import {
  type MaintenancePeriod,
  maintain,
  maintenancePeriods,
  planMaintenance,
  type TaskOutcome,
} from "./operations/maintenance.ts";
import { CommandError, runCommand, UsageError } from "./project/command.ts";
import { databaseUrlOption, resolveDatabaseUrl } from "./project/database-url.ts";

await runCommand({
  name: "db:maintain",
  summary: [
    "Run the regular maintenance tasks of the database, as pg_cron does where it is installed:",
    "daily refreshes the summaries and records sizes, weekly vacuums, monthly archives idle and",
    "old rows. Every run is logged in private.maintenance_runs.",
  ].join("\n"),
  choices: maintenancePeriods,
  options: {
    "db-url": databaseUrlOption,
    "dry-run": { type: "boolean", description: "show the work to do, and change nothing" },
    batch: {
      type: "string",
      value: "ROWS",
      description: "monthly: maximum rows per statement (default: 1000 for sessions, else 10000)",
    },
  },
  async run(values, period) {
    const batch = values.batch === undefined ? undefined : readBatch(values.batch);
    const databaseUrl = await resolveDatabaseUrl(values["db-url"]);
    if (values["dry-run"]) {
      for (const { task, rows } of await planMaintenance(databaseUrl, period)) {
        console.log(`${column(task)} ${count(rows, period)}`);
      }
      return console.log("Dry run. Nothing was changed.");
    }
    const outcomes: TaskOutcome[] = [];
    const isDone = await maintain({
      databaseUrl,
      period,
      batch,
      onProgress: (task, rows) => showProgress(`${column(task)} ${count(rows)} …`),
      onOutcome(outcome) {
        showProgress("");
        outcomes.push(outcome);
        console.log(describe(outcome));
      },
    });
    if (!isDone)
      return console.log("Another session is already maintaining the database. Nothing was done.");
    const failed = outcomes.filter(({ error }) => error !== null);
    if (failed.length > 0) {
      throw new CommandError(
        `${failed.length} of ${outcomes.length} tasks failed`,
        "fix the cause, then run it again; the log is in private.maintenance_runs",
      );
    }
  },
});

function readBatch(text: string): number {
  const rows = Number(text);
  if (Number.isInteger(rows) && rows > 0 && rows < 2 ** 31) return rows;
  throw new UsageError(`--batch must be a number of rows, not ${text}`);
}

function describe({ task, rows, durationMs, error }: TaskOutcome): string {
  const duration = `${(durationMs / 1000).toFixed(1)} s`;
  const done = rows === null ? "" : ` ${count(rows)},`;
  if (error === null) return `${column(task)}${done} ${duration}`;
  return `${column(task)}${done} ${duration}, ${styleText("red", "failed")}: ${error}`;
}

function count(rows: number, period?: MaintenancePeriod): string {
  return `${rows} ${period === "weekly" ? "dead " : ""}${rows === 1 ? "row" : "rows"}`;
}

function column(task: string): string {
  return task.padEnd(40);
}

/** Overwrites the current line of the terminal. Does nothing without a terminal. */
function showProgress(text: string) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
