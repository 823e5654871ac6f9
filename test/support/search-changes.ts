import type postgres from "postgres";

/** Limits of `private.nearest_embeddings()`, whose own values are too high for small tests. */
interface SearchLimits {
  /** Up to this number of rows, the search compares all of them exactly. */
  few?: number;
  /** Above this number of rows, the search reads the HNSW index first. */
  many?: number;
}

/** The constants of the function that hold the limits. */
const CONSTANTS = { few: "v_exact_limit", many: "v_hnsw_minimum" } as const;

/** Returns the definition of the search with these limits instead of its own. */
export function withLimits(limits: SearchLimits, definition: string): string {
  return Object.entries(limits).reduce((before, [name, rows]) => {
    const constant = CONSTANTS[name as keyof SearchLimits];
    const after = before.replace(
      new RegExp(`(?<=${constant} constant integer = )\\d+`),
      String(rows),
    );
    if (after === before) throw new Error(`the search has no ${constant} other than ${rows}`);
    return after;
  }, definition);
}

/** Runs `work` while the search has these limits, then restores its own. */
export function whileLimitsAre(
  limits: SearchLimits,
  sql: postgres.Sql,
  work: () => Promise<void>,
): Promise<void> {
  const change = (definition: string) => withLimits(limits, definition);
  return whileChanged("private.nearest_embeddings", change, sql, work);
}

/** Runs `work` while a function has a changed definition, then restores it. */
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
