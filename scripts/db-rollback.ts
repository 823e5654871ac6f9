import { planRollback, rollBack, type Step } from "./operations/rollback.ts";
import { confirm } from "./project/ask.ts";
import { CommandError, runCommand, UsageError } from "./project/command.ts";
import {
  connectTo,
  databaseUrlOption,
  isLocal,
  nameOf,
  resolveDatabaseUrl,
} from "./project/database-url.ts";
import type { Migration } from "./project/migrations.ts";

await runCommand({
  name: "db:rollback",
  summary:
    "Roll back the newest migrations in one transaction. This deletes all data of their tables.",
  options: {
    last: { type: "string", value: "N", description: "roll back the newest N" },
    to: {
      type: "string",
      value: "VERSION",
      description: "roll back all after this version, which stays applied",
    },
    all: { type: "boolean", description: "roll back all migrations" },
    "dry-run": { type: "boolean", description: "show what would be deleted, and change nothing" },
    yes: { type: "boolean", description: "do not ask for confirmation" },
    "db-url": databaseUrlOption,
    "force-remote": {
      type: "string",
      value: "REF",
      description: "the project ref; required for a database on another machine",
    },
  },
  async run(values) {
    const choose = chooser(values);
    const databaseUrl = await resolveDatabaseUrl(values["db-url"]);
    expectLocal(databaseUrl, values["force-remote"]);
    const sql = connectTo(databaseUrl);
    try {
      const steps = await planRollback(sql, choose);
      console.log(`${nameOf(databaseUrl)}\n${describe(steps)}`);
      if (values["dry-run"] || steps.length === 0) return;
      await confirm(`Roll these migrations back in ${nameOf(databaseUrl)}?`, values.yes);
      await rollBack(sql, steps);
      console.log("Done. The next push to this database applies them again.");
    } finally {
      await sql.end();
    }
  },
});

/** Returns a function that picks the migrations to roll back, as the options say. */
function chooser({ last, to, all }: { last?: string; to?: string; all?: boolean }) {
  if ([last, to, all].filter((value) => value !== undefined).length !== 1) {
    throw new UsageError("use exactly one of --last N, --to VERSION and --all");
  }
  if (last !== undefined && !/^[1-9]\d*$/.test(last)) {
    throw new UsageError(`--last must be a number of migrations, not ${last}`);
  }
  return (applied: Migration[]): Migration[] => {
    if (last !== undefined) {
      if (Number(last) <= applied.length) return applied.slice(-Number(last));
      throw new CommandError(
        `--last ${last} is too many: the database has ${applied.length} migrations`,
      );
    }
    if (all) return [...applied];
    const kept = applied.findIndex(({ version }) => version === to);
    if (kept < 0) {
      throw new CommandError(
        `the database has no migration ${to}`,
        "list its migrations: npx supabase migration list",
      );
    }
    return applied.slice(kept + 1);
  };
}

/** Requires the project ref of a remote database, because it is easy to pass a wrong URL. */
function expectLocal(databaseUrl: string, ref: string | undefined) {
  if (isLocal(databaseUrl)) return;
  const { hostname, username } = new URL(databaseUrl);
  const [, direct] = /^db\.([a-z0-9]+)\.supabase\.(?:co|com)$/.exec(hostname) ?? [];
  const [, pooled] = (hostname.endsWith(".pooler.supabase.com") && /\.(.+)$/.exec(username)) || [];
  // For a self-hosted server, the ref is its host name.
  if (ref && ref === (direct ?? pooled ?? hostname)) return;
  throw new CommandError(
    ref ? `${hostname} is not the project ${ref}` : `${hostname} is not on this machine`,
    "to confirm, name its project: --force-remote <project ref>",
  );
}

function describe(steps: Step[]): string {
  if (steps.length === 0) return "There is nothing to roll back.";
  const total = steps.flatMap(({ losses }) => losses).reduce((sum, { rows }) => sum + rows, 0);
  return [
    "To roll back, newest first:",
    ...steps.flatMap(({ name, losses }) => [
      `  ${name}`,
      ...losses.map(({ table, rows }) => `    deletes ${table} with ${count(rows)}`),
    ]),
    `This deletes ${count(total)} in total.`,
  ].join("\n");
}

function count(rows: number): string {
  return `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
}
