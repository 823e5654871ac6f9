import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ISql } from "postgres";
import { CommandError } from "./command.ts";
import { workdir } from "./settings.ts";

/** A migration and its rollback: files with the same name in two folders. */
export interface Migration {
  /** The 14 digits of the name, which identify the migration in the history. */
  version: string;
  /** The file's name without `.sql`. */
  name: string;
  up: string;
  down: string;
}

/** Returns the project's migrations, oldest first. */
export function listMigrations(): Migration[] {
  const folder = join(workdir, "supabase/migrations");
  return readdirSync(folder)
    .filter((file) => /^\d{14}_.+\.sql$/.test(file))
    .sort()
    .map((file) => ({
      version: file.slice(0, 14),
      name: file.slice(0, -".sql".length),
      up: join(folder, file),
      down: join(workdir, "supabase/rollbacks", file),
    }));
}

/** Returns a hash of the names and contents of all migrations. */
export function hashMigrations(): string {
  const hash = createHash("sha256");
  for (const { name, up } of listMigrations()) hash.update(`${name}\n`).update(readFileSync(up));
  return hash.digest("hex");
}

/**
 * Returns the migrations that are applied to a database, oldest first.
 *
 * @throws CommandError when they are not the oldest ones of the project, without gaps. In that
 *   case, neither the migrations nor the rollbacks of this checkout match the database
 */
export async function appliedMigrations(sql: ISql): Promise<Migration[]> {
  const [history] = await sql`
    select to_regclass('supabase_migrations.schema_migrations') is not null as exists`;
  if (!history?.exists) return [];
  const rows = await sql<{ version: string }[]>`
    select version from supabase_migrations.schema_migrations order by version`;
  const versions = rows.map(({ version }) => version);
  const files = listMigrations().slice(0, versions.length);
  const odd = versions.find((version, i) => version !== files[i]?.version);
  if (odd === undefined) return files;
  throw new CommandError(
    `the database's migration history does not match the files, starting at ${odd}`,
    "compare them: npx supabase migration list",
  );
}
