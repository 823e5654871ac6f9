import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Sql } from "postgres";
import { createProgress, type Progress } from "../progress.ts";
import { allRows } from "./rows.ts";
import type { Size } from "./size.ts";
import type { TableRows } from "./values.ts";
import { copyOwnRows } from "./vectors.ts";

/** The number of characters per chunk that is sent to the server. */
const CHUNK = 1 << 17;

/**
 * Loads all rows by `copy`, without triggers and foreign key checks. Creates the indexes after the
 * rows, each from the definition in its migration.
 *
 * @param sql a connection of a superuser
 */
export async function load(sql: Sql, size: Size): Promise<void> {
  await sql`set session_replication_role = replica`;
  await sql`set synchronous_commit = off`;
  await sql`set maintenance_work_mem = '2GB'`;
  const tables = allRows(size);
  const indexes = await dropIndexes(sql, tables);
  const rows = tables.reduce((sum, { count }) => sum + count, 0);
  const progress = createProgress("Loading", rows + indexes.length);
  try {
    for (const table of tables) await copy(sql, table, progress.advance);
    await createIndexes(sql, indexes, progress);
    if (size.embeddings > 0) {
      progress.say("indexes per owner");
      const vectors = indexes.find(({ name }) => name.endsWith("idx_embeddings_vector"));
      await sql.unsafe(copyOwnRows(vectors?.definition ?? "")).simple();
    }
    progress.say("vacuum, refresh");
    await sql`refresh materialized view public.message_feedback_summary`;
    await sql`refresh materialized view public.monthly_usage_summary`;
    await sql`vacuum (freeze, analyze)`;
    await sql`checkpoint`;
  } finally {
    progress.stop();
  }
}

async function copy(
  sql: Sql,
  { table, columns, rows }: TableRows,
  advance: (rows: number) => void,
) {
  const target = await sql.unsafe(`copy ${table} (${columns.join(", ")}) from stdin`).writable();
  await pipeline(Readable.from(inChunks(rows(), advance)), target);
}

function* inChunks(rows: Iterable<string>, advance: (rows: number) => void) {
  let chunk = "";
  let count = 0;
  for (const row of rows) {
    chunk += `${row}\n`;
    count += 1;
    if (chunk.length < CHUNK) continue;
    yield Buffer.from(chunk);
    advance(count);
    chunk = "";
    count = 0;
  }
  yield Buffer.from(chunk);
  advance(count);
}

interface Index {
  name: string;
  definition: string;
}

/** Drops and returns all indexes, except for those that enforce a constraint. */
async function dropIndexes(sql: Sql, tables: TableRows[]): Promise<Index[]> {
  const indexes = await sql<Index[]>`
    select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition
    from pg_index
    where indrelid = any (${tables.map(({ table }) => table)}::regclass[])
      and indrelid::regclass::text not like 'auth.%'
      and not indisunique
    order by 1`;
  for (const { name } of indexes)
    await sql.unsafe(`drop index public.${name.replace("public.", "")}`);
  return indexes;
}

async function createIndexes(sql: Sql, indexes: Index[], progress: Progress) {
  for (const { name, definition } of indexes) {
    progress.say(name);
    await sql.unsafe(definition);
    progress.advance(1);
  }
}
