import type postgres from "postgres";

/** The limits of `private.nearest_embeddings()`, which are too high for small tests. */
interface SearchLimits {
  /** Up to so many rows are compared one by one. */
  few?: number;
  /** From so many on, the HNSW index is asked first. */
  many?: number;
}

/** The definition of the search with these limits instead of its own. */
export function withLimits(limits: SearchLimits, definition: string): string {
  return Object.entries(limits).reduce((before, [name, rows]) => {
    const after = before.replace(
      new RegExp(`(?<=v_${name} constant integer = )\\d+`),
      String(rows),
    );
    if (after === before) throw new Error(`the search has no limit v_${name} other than ${rows}`);
    return after;
  }, definition);
}

/** Works while the search has these limits. */
export function whileLimitsAre(
  limits: SearchLimits,
  sql: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  const change = (definition: string) => withLimits(limits, definition);
  return whileChanged("private.nearest_embeddings", change, sql, work);
}

/** Works while a function has another definition. */
export async function whileChanged(
  name: string,
  change: (definition: string) => string,
  sql: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  const [found] = await sql<{ definition: string }[]>`
    select pg_get_functiondef(${name}::regproc) as definition`;
  const { definition = "" } = found ?? {};
  await sql.unsafe(change(definition));
  try {
    await work();
  } finally {
    await sql.unsafe(definition);
  }
}
