import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ISql } from "postgres";
import { CommandError } from "./command.ts";
import { workdir } from "./settings.ts";

/** A migration and its way back: files of the same name in two folders. */
export interface Migration {
  /** The 14 digits of the name, by which the history knows it. */
  version: string;
  /** The file's name without `.sql`. */
  name: string;
  up: string;
  down: string;
}

/** The project's migrations, oldest first. */
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

/** Differs when any migration does, by name or by content. */
export function hashMigrations(): string {
  const hash = createHash("sha256");
  for (const { name, up } of listMigrations()) hash.update(`${name}\n`).update(readFileSync(up));
  return hash.digest("hex");
}

/**
 * The migrations that a database has, oldest first.
 *
 * @throws CommandError when they are not the first so many of the project's: then neither the files
 *   nor a rollback of theirs say what the database holds
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
    `the database's history does not match the files: ${odd} is not where it should be`,
    "compare them: npx supabase migration list",
  );
}
