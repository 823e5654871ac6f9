import type postgres from "postgres";

/** From so many rows on, a search asks the HNSW index first. */
const BY_INDEX_FROM = 50_000;

/**
 * Lets searches ask the HNSW index from fewer rows on, so that a test needs no more than that.
 *
 * @returns what puts the function back as the migration made it
 */
export async function askIndexFrom(sql: postgres.Sql, rows: number): Promise<() => Promise<void>> {
  const [search] = await sql<{ definition: string }[]>`
    select pg_get_functiondef('private.nearest_embeddings'::regproc) as definition`;
  const definition = search?.definition ?? "";
  const lowered = definition.replace(`> ${BY_INDEX_FROM} `, `> ${rows} `);
  if (lowered === definition) throw new Error(`the search knows no limit of ${BY_INDEX_FROM} rows`);
  await sql.unsafe(lowered);
  return async () => {
    await sql.unsafe(definition);
  };
}
