import { readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import type postgres from "postgres";
import { beforeAll, describe, expect, inject, onTestFinished, test } from "vitest";
import { tableNames } from "../../scripts/contract/index.ts";
import { withConnection } from "../../scripts/project/database-url.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { pushMigrations } from "../../scripts/project/supabase-cli.ts";
import { preparedKey } from "../../scripts/stack/prepared.ts";
import { copyPreparedDatabase } from "../../scripts/stack/server/hosted-database.ts";
import { nativeFolder, nativePrograms } from "../../scripts/stack/server/native-postgres.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { runScript } from "../support/project.ts";
import { createRow, fixtures } from "../support/rows.ts";

/** The commands of the runbook, without those of npm, which the test runs itself. */
const COMMANDS = commandsOf("Moving the data to another project");

/** Rows of each table, as text in a stable order. */
type Content = Record<string, string[]>;

/** Accounts move with the data, although their schema belongs to the platform. */
const ACCOUNTS = ["auth.users", "auth.identities"];

let ada: Member;
beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
  const inactive = await createMember(await createTenant());
  for (const table of tableNames) {
    if (table !== "users" && table !== "tenants") await createRow(table, ada);
  }
  await fixtures.tokenOf(await createRow("invitations", ada));
  await createRow("conversations", ada, { is_archived: true });
  const { id: conversation_id } = await createRow("conversations", ada);
  for (let i = 0; i < 3; i += 1) await createRow("messages", ada, { conversation_id });
  const { id: session_id } = await createRow("conversation_sessions", ada);
  for (let i = 0; i < 3; i += 1) await createRow("conversation_messages", ada, { session_id });
  await serviceClient()
    .from("tenants")
    .update({ is_active: false })
    .eq("id", inactive.tenant_id)
    .throwOnError();
  await recordSizes();
});

/** Fills the private tables. The task does nothing while another test runs a task. */
async function recordSizes() {
  const [run] = await asOwner()`
    select task, error from private.run_maintenance_task('record sizes')`;
  expect(run?.error).toBeNull();
  if (run?.task === null) await recordSizes();
}

/** Returns the shell commands of a section of the operations page. */
function commandsOf(heading: string): string {
  const page = readFileSync(join(packageRoot, "docs/operations.md"), "utf8");
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const block = /```\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
  return block.replace(/^ *npm .*\n/gm, "");
}

/** Reads all rows that the runbook moves. The catalog names the tables. */
async function contentOf(sql: postgres.Sql): Promise<Content> {
  const found = await sql<{ name: string }[]>`
    select format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and n.nspname in ('public', 'private')`;
  const content: Content = {};
  for (const name of [...found.map((table) => table.name), ...ACCOUNTS]) {
    const rows = await sql.unsafe<{ row: string }[]>(
      `select t::text as row from ${name} t order by t::text collate "C"`,
    );
    content[name] = rows.map(({ row }) => row);
  }
  return content;
}

/**
 * Runs the runbook on the tests' database and a new one that has only the migrations.
 *
 * @returns the rows of the source at the time of the dump, because other tests add rows meanwhile
 */
async function move(commands: string) {
  const target = await copyPreparedDatabase(
    process.env.NATIVE_POSTGRES_URL ?? "",
    preparedKey(),
    (made) => pushMigrations({ databaseUrl: made.owner }),
  );
  onTestFinished(target.drop);
  const folder = await nativeFolder();
  onTestFinished(() => rm(folder.here, { recursive: true }));
  const { moved, source } = await asOwner().begin(
    "isolation level repeatable read",
    async (sql) => {
      const [snapshot] = await sql`select pg_export_snapshot() as id`;
      const script = commands.replace("pg_dump ", `pg_dump --snapshot=${snapshot?.id} `);
      const moved = await execa(
        "sh",
        ["-c", `set -e\n${nativePrograms(["pg_dump", "psql"], folder)}${script}`],
        {
          cwd: folder.here,
          env: { DB_URL: inject("stack").DB_URL, NEW_DB_URL: target.owner },
          reject: false,
          all: true,
        },
      );
      return { moved, source: await contentOf(sql as unknown as postgres.Sql) };
    },
  );
  return { moved, source, target };
}

/** Counts the rows of each summary. */
async function summariesOf(sql: postgres.Sql): Promise<number[]> {
  const views = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, matviewname) as name from pg_matviews
    where schemaname in ('public', 'private')`;
  return Promise.all(views.map(async ({ name }) => (await sql.unsafe(`table ${name}`)).length));
}

describe("moving the data to another project by the runbook", { timeout: 120_000 }, () => {
  test("restores every row as it was, and maintenance and verification succeed", async () => {
    const { moved, source, target } = await move(COMMANDS);
    expect(moved.exitCode, moved.all).toBe(0);
    for (const [table, rows] of Object.entries(source)) expect(rows, table).not.toEqual([]);
    expect(await withConnection(target.owner, contentOf)).toEqual(source);

    const summaries = await withConnection(target.owner, summariesOf);
    expect(summaries).toEqual(summaries.map(() => 0));
    const daily = await runScript(packageRoot, "db-maintain", ["daily", "--db-url", target.owner]);
    expect(daily.exitCode, daily.all).toBe(0);
    expect(summaries.length).toBeGreaterThan(0);
    expect(await withConnection(target.owner, summariesOf)).not.toContain(0);
    const verified = await runScript(packageRoot, "db-verify", ["--db-url", target.owner]);
    expect(verified.exitCode, verified.all).toBe(0);
  });

  test("continues the numbers of an identity column", async () => {
    const { target } = await move(COMMANDS);
    const [next] = await withConnection(
      target.owner,
      (sql) => sql`
        with restored as (select max(id) as last from private.maintenance_runs),
        run as (select private.run_maintenance_task('record sizes'))
        select r.last, pg_sequence_last_value(
          pg_get_serial_sequence('private.maintenance_runs', 'id')) as next
        from restored r, run`,
    );
    expect(Number(next?.next)).toBe(Number(next?.last) + 1);
  });

  test("fails and restores nothing if the triggers run", async () => {
    const { moved, source, target } = await move(COMMANDS.replace("= replica", "= origin"));
    expect([moved.exitCode, moved.all]).toEqual([
      3,
      expect.stringContaining("inactive_tenants_pkey"),
    ]);
    expect(source["private.inactive_tenants"]).not.toEqual([]);
    const restored = await withConnection(target.owner, contentOf);
    // The migrations create this row.
    expect(restored).toMatchObject({ "private.platform_settings": [expect.any(String)] });
    expect(Object.values(restored).flat()).toHaveLength(1);
  });
});
