import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { withConnection } from "../project/database-url.ts";
import { packageRoot } from "../project/settings.ts";
import { pushMigrations } from "../project/supabase-cli.ts";
import {
  createHostedDatabase,
  type HostedDatabase,
  hostedDatabase,
} from "../stack/server/hosted-database.ts";
import { load } from "./data/load.ts";
import { type Size, sizeOf } from "./data/size.ts";

/** The sources that determine the rows and their storage. */
const SOURCES = ["supabase/migrations", "scripts/bench/data"];

/** The version of the sources at the start of this run, even if they are edited meanwhile. */
const version = await fingerprint();

/** The prefix of database names, which continue with the size of the data and its version. */
const PREFIX = "bench_";

/**
 * Returns the database with the migrations and the data of this scale. Reuses the database of an
 * earlier run if the sources are unchanged, and otherwise creates one. Drops databases of other
 * versions, unless another run is connected to them.
 *
 * @param options.embeddings false for no embeddings
 */
export async function databaseOfScale(
  serverUrl: string,
  scale: number,
  options: { embeddings?: boolean } = {},
): Promise<HostedDatabase> {
  const size = sizeOf(scale, options);
  const name = `${PREFIX}${size.messages}_${size.embeddings}_${version}`;
  const stored = await withConnection(serverUrl, async (sql) => {
    const found = await sql<{ name: string; is_used: boolean }[]>`
      select
        d.datname as name,
        exists (select from pg_stat_activity a where a.datname = d.datname) as is_used
      from pg_database d
      where starts_with(d.datname, ${PREFIX})`;
    for (const { name: old, is_used } of found) {
      if (!old.endsWith(version) && !is_used) await sql`drop database if exists ${sql(old)}`;
    }
    return found.some((row) => row.name === name);
  });
  if (!stored) await makeDatabase(serverUrl, name, size);
  return hostedDatabase(serverUrl, name);
}

/** Creates the database. It gets its final name only when it is complete. */
async function makeDatabase(serverUrl: string, name: string, size: Size): Promise<void> {
  const unfinished = `${PREFIX}unfinished_${version}`;
  const made = await createHostedDatabase(serverUrl, { name: unfinished });
  try {
    await pushMigrations({ databaseUrl: made.owner });
    await withConnection(made.superuser, (sql) => load(sql, size));
  } catch (error) {
    await made.drop();
    throw error;
  }
  await withConnection(serverUrl, async (server) => {
    await server`alter database ${server(unfinished)} rename to ${server(name)}`;
  });
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
