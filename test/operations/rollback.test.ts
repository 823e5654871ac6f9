import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CatalogObject, readCatalog } from "../../scripts/project/catalog.ts";
import { listMigrations, type Migration } from "../../scripts/project/migrations.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { pushMigrations } from "../../scripts/project/supabase-cli.ts";
import { type Stack, startTemporaryStack } from "../../scripts/stack/stack.ts";
import { runScript } from "../support/project.ts";

const migrations = listMigrations();

let stack: Stack;
let sql: postgres.Sql;

/** The catalog without migrations, and with all migrations, pushed by the CLI. */
let pristine: CatalogObject[];
let complete: CatalogObject[];

/** Uses a separate stack, because these tests roll its migrations back. */
beforeAll(async () => {
  stack = await startTemporaryStack({ migrate: false });
  sql = postgres(stack.environment.DB_URL, { max: 1, onnotice: () => {} });
  pristine = await catalog();
  await push();
  complete = await catalog();
}, 120_000);

afterAll(async () => {
  await sql.end();
  await stack.close();
});

const catalog = () => sql.begin("read only", readCatalog) as Promise<CatalogObject[]>;

const push = (options: { seed?: boolean } = {}) =>
  pushMigrations({ databaseUrl: stack.environment.DB_URL, ...options });

const rollback = (...args: string[]) =>
  runScript(packageRoot, "db-rollback", ["--db-url", stack.environment.DB_URL, ...args]);

const run = (file: string) =>
  sql.begin(async (transaction) => transaction.unsafe(await readFile(file, "utf8")).simple());

const names = (objects: CatalogObject[]) => objects.map(({ kind, name }) => `${kind} ${name}`);

async function rowsByTable(): Promise<Record<string, number>> {
  const tables = (await catalog()).filter(({ kind }) => kind === "table");
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const [count] = await sql`select count(*)::int as rows from ${sql(name)}`;
    counts[name] = count?.rows;
  }
  return counts;
}

const applied = async () =>
  (await sql`select version from supabase_migrations.schema_migrations order by version`).map(
    ({ version }) => version,
  );

test("every migration has a rollback file, and every rollback file has a migration", () => {
  const files = readdirSync(join(packageRoot, "supabase/rollbacks"));
  expect(files.sort()).toEqual(migrations.map(({ name }) => `${name}.sql`));
});

test("the complete catalog has tables of several systems, the pristine one has none", () => {
  const tables = complete.filter(({ kind }) => kind === "table").map(({ name }) => name);
  expect(tables).toEqual(expect.arrayContaining(["public.messages", "public.embeddings"]));
  expect(names(pristine)).toEqual(["schema public"]);
});

describe("one by one", () => {
  /** The catalog before each migration. */
  const before = new Map<Migration, CatalogObject[]>();

  test("each rollback, newest first, removes only objects and rows of its migration", async () => {
    await push({ seed: true });
    let above = complete;
    for (const migration of [...migrations].reverse()) {
      const rows = await rowsByTable();
      await run(migration.down);
      const below = await catalog();
      before.set(migration, below);
      expect(names(above), migration.name).toEqual(expect.arrayContaining(names(below)));
      expect(rows, migration.name).toMatchObject(await rowsByTable());
      above = below;
    }
    expect(above).toEqual(pristine);
  }, 120_000);

  test.each(migrations.map((migration) => [migration.name, migration] as const))(
    "%s can be applied, rolled back and applied again",
    async (_name, migration) => {
      expect(await catalog()).toEqual(before.get(migration));
      await run(migration.up);
      const up = await catalog();
      const next = migrations[migrations.indexOf(migration) + 1];
      expect(up).toEqual(next ? before.get(next) : complete);
      await run(migration.down);
      expect(await catalog()).toEqual(before.get(migration));
      await run(migration.up);
      expect(await catalog()).toEqual(up);
    },
  );
});

describe("npm run db:rollback", () => {
  test("--dry-run prints what would be deleted, with the rows, and changes nothing", async () => {
    await push({ seed: true });
    await sql`
      insert into public.tenants (name, slug)
      select 'Count', 'test-count-' || i from generate_series(1, 3) i`;
    const [tenants] = await sql`select count(*)::int as rows from public.tenants`;
    const { exitCode, stdout } = await rollback("--all", "--dry-run");
    expect(exitCode).toBe(0);
    expect(stdout).toContain(`deletes public.tenants with ${tenants?.rows} rows`);
    const listed = migrations.map(({ name }) => stdout.indexOf(name));
    expect(listed).toEqual([...listed].sort((a, b) => b - a));
    expect(await catalog()).toEqual(complete);
    expect(await applied()).toEqual(migrations.map(({ version }) => version));
  });

  test("does nothing when there is no terminal to confirm on", async () => {
    const { exitCode, all } = await rollback("--last", "1");
    expect([exitCode, all]).toEqual([1, expect.stringContaining("add: --yes")]);
    expect(await catalog()).toEqual(complete);
  });

  test("--last rolls back the newest migrations, and a push applies them again", async () => {
    expect((await rollback("--last", "2", "--yes")).exitCode).toBe(0);
    expect(await applied()).toEqual(migrations.slice(0, -2).map(({ version }) => version));
    await push();
    expect(await catalog()).toEqual(complete);
  });

  test("--to rolls back all later migrations, and keeps the named one", async () => {
    const kept = migrations[9] ?? expect.fail();
    expect((await rollback("--to", kept.version, "--yes")).exitCode).toBe(0);
    expect((await applied()).at(-1)).toBe(kept.version);
    await push();
    expect(await catalog()).toEqual(complete);
  });

  test("--all rolls back all migrations, and a push with the seed restores them", async () => {
    expect((await rollback("--all", "--yes")).exitCode).toBe(0);
    expect(await catalog()).toEqual(pristine);
    expect(await applied()).toEqual([]);
    expect((await rollback("--all", "--yes")).stdout).toContain("There is nothing to roll back.");
    await push({ seed: true });
    expect(await catalog()).toEqual(complete);
    const [tenants] = await sql`select count(*)::int as rows from public.tenants`;
    expect(tenants?.rows).toBe(3);
  });

  test("rolls back all or nothing: a failure changes nothing, and names the file", async () => {
    // The second step fails, because this view uses the table that it drops.
    await sql`create view public.in_the_way as select id from public.embeddings`;
    const { exitCode, all } = await rollback("--to", "20261121001000", "--yes");
    await sql`drop view public.in_the_way`;
    expect(exitCode).toBe(1);
    expect(all).toMatch(/1100_create_embeddings_table\.sql: cannot drop table public\.embeddings/);
    expect(all).toContain("view public.in_the_way depends on table public.embeddings");
    expect(all).toContain("nothing was changed");
    expect(await catalog()).toEqual(complete);
    expect(await applied()).toHaveLength(migrations.length);
  });

  test("keeps an extension that another object uses", async () => {
    await sql`create table public.mine (v extensions.vector(3))`;
    const { exitCode } = await rollback("--to", "20261121001000", "--yes");
    const [extension] = await sql`select from pg_extension where extname = 'vector'`;
    await sql`drop table public.mine`;
    expect([exitCode, extension]).toEqual([0, {}]);
    await push();
    expect(await catalog()).toEqual(complete);
  });

  test.each([
    ["a migration without a file", "99990101000000"],
    ["a migration between the files", "20261121000150"],
  ])("refuses a history with %s", async (_name, version) => {
    await sql`insert into supabase_migrations.schema_migrations (version) values (${version})`;
    const { exitCode, all } = await rollback("--last", "1", "--yes");
    await sql`delete from supabase_migrations.schema_migrations where version = ${version}`;
    expect([exitCode, all]).toEqual([1, expect.stringContaining("does not match the files")]);
    expect(await catalog()).toEqual(complete);
  });

  test("refuses a history that lacks a migration in the middle", async () => {
    const { version } = migrations[3] ?? expect.fail();
    await sql`delete from supabase_migrations.schema_migrations where version = ${version}`;
    const { exitCode, all } = await rollback("--last", "1", "--yes");
    await sql`insert into supabase_migrations.schema_migrations (version) values (${version})`;
    expect([exitCode, all]).toEqual([1, expect.stringContaining("does not match the files")]);
  });

  test.each([
    ["no ref", []],
    ["another project's ref", ["--force-remote", "defghijk"]],
    ["a word that every host has", ["--force-remote", "supabase"]],
    ["the user's name", ["--force-remote", "postgres"]],
  ])("refuses a remote database with %s", async (_name, args) => {
    const url = "postgresql://postgres:secret@db.abcdefgh.supabase.co:5432/postgres";
    const { exitCode, all } = await rollback("--all", "--yes", "--db-url", url, ...args);
    expect([exitCode, all]).toEqual([1, expect.stringContaining("--force-remote <project ref>")]);
  });

  test.each([
    ["no choice of migrations", []],
    ["two choices of migrations", ["--all", "--last", "1"]],
    ["a word instead of a number", ["--last", "some"]],
    ["the number 0", ["--last", "0"]],
  ])("exits with 2 for %s", async (_name, args) => {
    expect((await rollback(...args)).exitCode).toBe(2);
  });

  test("fails when --last is more than the number of migrations", async () => {
    const { exitCode, all } = await rollback("--last", "99", "--yes");
    expect([exitCode, all]).toEqual([1, expect.stringContaining("--last 99 is too many")]);
  });

  test("fails when --to names an unknown version", async () => {
    const { exitCode, all } = await rollback("--to", "20200101000000", "--yes");
    expect([exitCode, all]).toEqual([1, expect.stringContaining("no migration 20200101000000")]);
  });
});
