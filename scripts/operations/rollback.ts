import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import postgres, { type ISql, type Sql } from "postgres";
import { CommandError } from "../project/command.ts";
import { appliedMigrations, type Migration } from "../project/migrations.ts";

/** A migration to take back, with the tables that go and how many rows are in them. */
export interface Step extends Migration {
  losses: { table: string; rows: number }[];
}

/**
 * What taking back the newest migrations would do, newest first.
 *
 * @param choose picks those to take back of the applied ones, which are given oldest first
 * @throws CommandError when the history does not match the files, or one has no way back
 */
export async function planRollback(
  sql: Sql,
  choose: (applied: Migration[]) => Migration[],
): Promise<Step[]> {
  const chosen = choose(await appliedMigrations(sql)).reverse();
  return Promise.all(chosen.map(async (migration) => planStep(sql, migration)));
}

async function planStep(sql: Sql, migration: Migration): Promise<Step> {
  if (!existsSync(migration.down)) {
    throw new CommandError(
      `${migration.name} has no way back`,
      `write it: supabase/rollbacks/${migration.name}.sql`,
    );
  }
  const text = await readFile(migration.down, "utf8");
  const tables = [...text.matchAll(/^drop table (\S+);$/gm)].map(([, table]) => table as string);
  const losses = await Promise.all(
    tables.map(async (table) => {
      const [count] = await sql`select count(*) as rows from ${sql(table)}`;
      return { table, rows: Number(count?.rows) };
    }),
  );
  return { ...migration, losses };
}

/**
 * Takes migrations back and out of the history, all or none, so that the next push applies them
 * again.
 *
 * @param steps what {@link planRollback} found
 * @throws CommandError naming the file; the database is as it was
 */
export async function rollBack(sql: Sql, steps: Step[]): Promise<void> {
  let current = "the history";
  try {
    await sql.begin(async (transaction) => {
      await transaction`set local lock_timeout = '5s'`;
      // Moving rows back may take longer than the platform lets a statement run.
      await transaction`set local statement_timeout = 0`;
      await transaction`set local search_path = ''`;
      // Whoever pushes or rolls back at the same time waits here.
      await transaction`
        lock table supabase_migrations.schema_migrations in share row exclusive mode`;
      await expectNewest(transaction, steps);
      for (const { name, down } of steps) {
        current = `${name}.sql`;
        await transaction.unsafe(await readFile(down, "utf8")).simple();
      }
      await forget(transaction, steps);
    });
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    const { message, detail } = error;
    throw new CommandError(
      [`${current}: ${message}`, detail].filter(Boolean).join("\n  "),
      "nothing was changed",
    );
  }
}

async function expectNewest(sql: ISql, steps: Step[]) {
  const newest = (await appliedMigrations(sql)).reverse().slice(0, steps.length);
  if (newest.some(({ version }, i) => version !== steps[i]?.version)) {
    throw new CommandError("somebody else has changed the history meanwhile", "look again");
  }
}

async function forget(sql: ISql, steps: Step[]) {
  const versions = steps.map(({ version }) => version);
  await sql`
    delete from supabase_migrations.schema_migrations where version = any (${versions})`;
  const left = await appliedMigrations(sql);
  const [seeds] = await sql`
    select to_regclass('supabase_migrations.seed_files') is not null as exist`;
  // With the last table, the seed's rows are gone, and may come again.
  if (left.length === 0 && seeds?.exist) await sql`delete from supabase_migrations.seed_files`;
  // The platform's API remembers the schema.
  await sql`notify pgrst, 'reload schema'`;
}
