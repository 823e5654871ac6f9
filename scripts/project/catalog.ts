import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TransactionSql } from "postgres";
import { CommandError } from "./command.ts";
import { hashMigrations } from "./migrations.ts";
import { workdir } from "./settings.ts";

/** An object that the project has created in a database. */
export interface CatalogObject {
  /** `table`, `column`, `policy`, `grant`, … */
  kind: string;
  name: string;
  /** Every property of the object that can differ, as text. */
  definition: string;
}

/**
 * Returns the objects that the project has created in a database, in a stable order.
 *
 * @param sql a transaction; this empties its search_path
 */
export async function readCatalog(sql: TransactionSql): Promise<CatalogObject[]> {
  const query = await readFile(new URL("catalog.sql", import.meta.url), "utf8");
  await sql`set local search_path = ''`;
  const rows = await sql.unsafe<CatalogObject[]>(query);
  return rows.map(({ kind, name, definition }) => ({ kind, name, definition }));
}

/**
 * The path of the generated file that lists what the migrations create, in the project's folder.
 */
export const CATALOG_FILE = "supabase/catalog.json";

/**
 * The content of the file. A definition with several lines is a list of lines, so that a diff shows
 * only the lines that changed.
 */
interface CatalogFile {
  /** The hash of the migrations that the file was generated from. */
  migrations: string;
  objects: { kind: string; name: string; definition: string | string[] }[];
}

/** Returns the text of the file for a catalog that the current migrations have created. */
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
 * Returns the objects that the migrations create. Reads them from the file, not from a database.
 *
 * @throws CommandError when the file is missing, or was generated from other migrations
 */
export async function expectedCatalog(): Promise<CatalogObject[]> {
  const text = await readFile(join(workdir, CATALOG_FILE), "utf8").catch(() => undefined);
  if (text === undefined) throw new CommandError(`${CATALOG_FILE} is missing`, REMEDY);
  const { migrations, objects } = JSON.parse(text) as CatalogFile;
  if (migrations !== hashMigrations()) {
    throw new CommandError(
      `${CATALOG_FILE} is out of date: it was generated from other migrations`,
      REMEDY,
    );
  }
  return objects.map(({ definition, ...object }) => {
    return { ...object, definition: [definition].flat().join("\n") };
  });
}

const REMEDY = "run: npm run generate";
