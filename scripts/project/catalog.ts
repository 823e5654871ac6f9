import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TransactionSql } from "postgres";
import { CommandError } from "./command.ts";
import { hashMigrations } from "./migrations.ts";
import { workdir } from "./settings.ts";

/** Something that the project has made in a database. */
export interface CatalogObject {
  /** `table`, `column`, `policy`, `grant`, … */
  kind: string;
  name: string;
  /** All that could differ about it. */
  definition: string;
}

/**
 * What the project has made in a database, in an order that does not change.
 *
 * @param sql a transaction, whose search_path is empty afterwards
 */
export async function readCatalog(sql: TransactionSql): Promise<CatalogObject[]> {
  const query = await readFile(new URL("catalog.sql", import.meta.url), "utf8");
  await sql`set local search_path = ''`;
  const rows = await sql.unsafe<CatalogObject[]>(query);
  return rows.map(({ kind, name, definition }) => ({ kind, name, definition }));
}

/** The generated file with all that the migrations make, below the project's folder. */
export const CATALOG_FILE = "supabase/catalog.json";

/** The file's content: a definition of several lines is a list of them, so that a diff shows one. */
interface CatalogFile {
  /** The hash of the migrations that it was made from. */
  migrations: string;
  objects: { kind: string; name: string; definition: string | string[] }[];
}

/** The text of the file for a catalog that these migrations have made. */
export function formatCatalog(catalog: CatalogObject[]): string {
  const file: CatalogFile = {
    migrations: hashMigrations(),
    objects: catalog.map(({ kind, name, definition }) => {
      const lines = definition.split("\n");
      return { kind, name, definition: lines.length > 1 ? lines : definition };
    }),
  };
  return JSON.stringify(file, null, 2);
}

/**
 * What the migrations make, from the file: no database is asked.
 *
 * @throws CommandError when the file is missing, or was made from other migrations
 */
export async function expectedCatalog(): Promise<CatalogObject[]> {
  const text = await readFile(join(workdir, CATALOG_FILE), "utf8").catch(() => undefined);
  if (text === undefined) throw new CommandError(`${CATALOG_FILE} is missing`, REMEDY);
  const { migrations, objects } = JSON.parse(text) as CatalogFile;
  if (migrations !== hashMigrations()) {
    throw new CommandError(`${CATALOG_FILE} was made from other migrations`, REMEDY);
  }
  return objects.map(({ definition, ...object }) => {
    return { ...object, definition: [definition].flat().join("\n") };
  });
}

const REMEDY = "run: npm run generate";
