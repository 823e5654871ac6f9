import { type CatalogObject, readCatalog } from "../project/catalog.ts";
import { withConnection } from "../project/database-url.ts";
import { startTemporaryStack } from "../stack/stack.ts";

/** The catalog that the migrations make, from a database made for it. Takes some seconds. */
export async function expectedCatalog(): Promise<CatalogObject[]> {
  const stack = await startTemporaryStack();
  try {
    return await withConnection(
      stack.environment.DB_URL,
      async (sql) => (await sql.begin("read only", readCatalog)) as CatalogObject[],
    );
  } finally {
    await stack.close();
  }
}
