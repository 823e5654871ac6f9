import { readFile } from "node:fs/promises";
import type { TransactionSql } from "postgres";

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
