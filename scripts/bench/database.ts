import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { withConnection } from "../lib/database-url.ts";
import {
  createHostedDatabase,
  type HostedDatabase,
  hostedDatabase,
} from "../lib/hosted-database.ts";
import { packageRoot } from "../lib/settings.ts";
import { pushMigrations } from "../lib/supabase-cli.ts";
import { sizeOf } from "./data/size.ts";
import { load } from "./load.ts";

/** What decides which rows there are, and how they are stored. */
const SOURCES = ["supabase/migrations", "scripts/bench/data"];

/**
 * The database with the migrations and the data of that scale: that of an earlier run when nothing
 * has changed since, or else a new one in its place.
 *
 * @param options.embeddings false for none
 */
export async function databaseOfScale(
  serverUrl: string,
  scale: number,
  options: { embeddings?: boolean } = {},
): Promise<HostedDatabase> {
  const size = sizeOf(scale, options);
  const prefix = `bench_${size.messages}_${size.embeddings}_`;
  const database = `${prefix}${await fingerprint()}`;
  const stored = await withConnection(serverUrl, async (sql) => {
    const found = await sql<{ name: string }[]>`
      select datname as name from pg_database where starts_with(datname, ${prefix})`;
    for (const { name: old } of found) {
      if (old !== database) await sql`drop database if exists ${sql(old)} with (force)`;
    }
    return found.some((row) => row.name === database);
  });
  if (stored) return hostedDatabase(serverUrl, database);
  // Under its name only when it is whole.
  const unfinished = `${prefix}unfinished`;
  const made = await createHostedDatabase(serverUrl, { name: unfinished });
  await pushMigrations({ databaseUrl: made.owner });
  await withConnection(made.superuser, (sql) => load(sql, size));
  await withConnection(serverUrl, async (server) => {
    await server`alter database ${server(unfinished)} rename to ${server(database)}`;
  });
  return hostedDatabase(serverUrl, database);
}

async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const folder of SOURCES) {
    for (const file of (await readdir(`${packageRoot}/${folder}`)).sort()) {
      hash.update(file).update(await readFile(`${packageRoot}/${folder}/${file}`));
    }
  }
  return hash.digest("hex").slice(0, 8);
}
