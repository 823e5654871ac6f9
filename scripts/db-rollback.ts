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
  summary: "Take the newest migrations back, in one transaction, with all data of their tables.",
  options: {
    last: { type: "string", value: "N", description: "the newest N" },
    to: { type: "string", value: "VERSION", description: "all after that one, which stays" },
    all: { type: "boolean", description: "all of them" },
    "dry-run": { type: "boolean", description: "show what would go, and stop" },
    yes: { type: "boolean", description: "do it without asking" },
    "db-url": databaseUrlOption,
    "force-remote": {
      type: "string",
      value: "REF",
      description: "the project ref of the database, when it is not on this machine",
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
      await confirm(`Take them back in ${nameOf(databaseUrl)}?`, values.yes);
      await rollBack(sql, steps);
      console.log("Done. The next push to this database applies them again.");
    } finally {
      await sql.end();
    }
  },
});

/** Which of the applied migrations the options name. */
function chooser({ last, to, all }: { last?: string; to?: string; all?: boolean }) {
  if ([last, to, all].filter((value) => value !== undefined).length !== 1) {
    throw new UsageError("say which: --last N, --to VERSION or --all");
  }
  if (last !== undefined && !/^[1-9]\d*$/.test(last)) {
    throw new UsageError(`--last takes a number of migrations, not ${last}`);
  }
  return (applied: Migration[]): Migration[] => {
    if (last !== undefined) {
      if (Number(last) <= applied.length) return applied.slice(-Number(last));
      throw new CommandError(`the database has ${applied.length} migrations, not ${last}`);
    }
    if (all) return [...applied];
    const kept = applied.findIndex(({ version }) => version === to);
    if (kept < 0) {
      throw new CommandError(
        `the database has no migration ${to}`,
        "see which it has: npx supabase migration list",
      );
    }
    return applied.slice(kept + 1);
  };
}

/** A remote database has to be named: a URL alone is too easily the wrong one. */
function expectLocal(databaseUrl: string, ref: string | undefined) {
  if (isLocal(databaseUrl)) return;
  const { hostname, username } = new URL(databaseUrl);
  const [, direct] = /^db\.([a-z0-9]+)\.supabase\.(?:co|com)$/.exec(hostname) ?? [];
  const [, pooled] = (hostname.endsWith(".pooler.supabase.com") && /\.(.+)$/.exec(username)) || [];
  // A server of one's own is named by its host.
  if (ref && ref === (direct ?? pooled ?? hostname)) return;
  throw new CommandError(
    ref ? `${hostname} is not the project ${ref}` : `${hostname} is not on this machine`,
    "if you mean it, name the project: --force-remote <project ref>",
  );
}

function describe(steps: Step[]): string {
  if (steps.length === 0) return "There is nothing to take back.";
  const total = steps.flatMap(({ losses }) => losses).reduce((sum, { rows }) => sum + rows, 0);
  return [
    "To take back, newest first:",
    ...steps.flatMap(({ name, losses }) => [
      `  ${name}`,
      ...losses.map(({ table, rows }) => `    deletes ${table} with ${count(rows)}`),
    ]),
    `${count(total)} would be lost.`,
  ].join("\n");
}

function count(rows: number): string {
  return `${rows.toLocaleString("en")} ${rows === 1 ? "row" : "rows"}`;
}
