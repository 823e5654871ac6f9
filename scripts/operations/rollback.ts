import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import postgres, { type ISql, type Sql } from "postgres";
import { CommandError } from "../project/command.ts";
import { appliedMigrations, type Migration } from "../project/migrations.ts";

/** A migration to roll back, with the tables that it drops and their row counts. */
export interface Step extends Migration {
  losses: { table: string; rows: number }[];
}

/**
 * Plans the rollback of the newest migrations. The steps are ordered newest first.
 *
 * @param choose selects the migrations to roll back from the applied ones, which are oldest first
 * @throws CommandError when the history does not match the files, or a rollback file is missing
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
      `migration ${migration.name} has no rollback file`,
      `write supabase/rollbacks/${migration.name}.sql`,
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
 * Rolls back migrations in one transaction and removes them from the history, so that the next push
 * applies them again.
 *
 * @param steps the result of {@link planRollback}
 * @throws CommandError with the file that failed; the database is then unchanged
 */
export async function rollBack(sql: Sql, steps: Step[]): Promise<void> {
  let current = "the history";
  try {
    await sql.begin(async (transaction) => {
      await transaction`set local lock_timeout = '5s'`;
      // Moving rows back may take longer than the statement timeout of hosted Supabase.
      await transaction`set local statement_timeout = 0`;
      await transaction`set local search_path = ''`;
      // A concurrent push or rollback waits for this lock.
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
    throw new CommandError(
      "another session has changed the migration history",
      "run the command again",
    );
  }
}

async function forget(sql: ISql, steps: Step[]) {
  const versions = steps.map(({ version }) => version);
  await sql`
    delete from supabase_migrations.schema_migrations where version = any (${versions})`;
  const left = await appliedMigrations(sql);
  const [seeds] = await sql`
    select to_regclass('supabase_migrations.seed_files') is not null as exist`;
  // The seed's rows are dropped with the last table, so the next push may seed again.
  if (left.length === 0 && seeds?.exist) await sql`delete from supabase_migrations.seed_files`;
  // PostgREST caches the schema.
  await sql`notify pgrst, 'reload schema'`;
}
