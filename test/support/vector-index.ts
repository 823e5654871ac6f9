import type postgres from "postgres";

/** From so many rows on, a search asks the HNSW index first. */
const BY_INDEX_FROM = 50_000;

/** The definition of the search, asking the index from fewer rows on. */
export function askingIndexFrom(rows: number, definition: string): string {
  const lowered = definition.replace(`> ${BY_INDEX_FROM} `, `> ${rows} `);
  if (lowered === definition) throw new Error(`the search knows no limit of ${BY_INDEX_FROM} rows`);
  return lowered;
}

/** Does that with a search that asks the index from so many rows on, which keeps a test small. */
export async function whileAskingIndexFrom(
  rows: number,
  sql: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  const [search] = await sql<{ definition: string }[]>`
    select pg_get_functiondef('private.nearest_embeddings'::regproc) as definition`;
  const { definition = "" } = search ?? {};
  await sql.unsafe(askingIndexFrom(rows, definition));
  try {
    await work();
  } finally {
    await sql.unsafe(definition);
  }
}
