import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { hashMigrations } from "../project/migrations.ts";
import { packageRoot } from "../project/settings.ts";

/**
 * Prepares a database with the roles and schemas of hosted Supabase and with the migrations. It is
 * created once and then copied, because a push takes several seconds and a test run starts many
 * stacks.
 */

/** The packages whose versions determine the content of a prepared database. */
const MAKERS = ["@electric-sql/pglite", "@supabase/lite", "supabase"];

/** Returns a hash of everything that a prepared database is created from. */
export function preparedKey(): string {
  const hash = createHash("sha256").update(hashMigrations());
  const require = createRequire(import.meta.url);
  for (const name of MAKERS) {
    // Find the folder without the package's exports: not every package exports its package.json.
    const folder = require.resolve.paths(name)?.find((path) => existsSync(join(path, name)));
    hash.update(readFileSync(join(folder ?? "", name, "package.json")));
  }
  for (const file of PLATFORM) hash.update(readFileSync(new URL(file, import.meta.url)));
  return hash.digest("hex").slice(0, 16);
}

/** The files of this folder that create the roles and schemas. */
const PLATFORM = [
  "platform.ts",
  "platform.sql",
  "../project/auth-functions.sql",
  "server/hosted-roles.sql",
  "server/hosted-schemas.sql",
  "server/hosted-grants.sql",
];

const cacheDir = join(packageRoot, "node_modules/.cache/prepared-databases");

/**
 * Returns the data folder of a prepared embedded database as an archive. Creates the archive when
 * the cache does not have it.
 *
 * @param name a name for the content, which is part of the file name in the cache
 * @param make starts such a database and returns its data folder
 */
export async function preparedDataDir(name: string, make: () => Promise<Blob>): Promise<Blob> {
  const file = join(cacheDir, `${name}-${preparedKey()}.tar`);
  if (!existsSync(file)) {
    mkdirSync(cacheDir, { recursive: true });
    const archive = new Uint8Array(await (await make()).arrayBuffer());
    // Rename the complete file: several processes may write it, and any of them may be killed.
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, archive);
    await rename(unfinished, file);
    await removeOlder(name, file);
  }
  return new Blob([await readFile(file)]);
}

/**
 * Removes other archives with this name that are older than a week. Another clone may still use a
 * more recent one.
 */
async function removeOlder(name: string, file: string) {
  for (const other of await readdir(cacheDir)) {
    const path = join(cacheDir, other);
    if (!other.startsWith(`${name}-`) || path === file) continue;
    const { mtimeMs } = await stat(path);
    if (mtimeMs < Date.now() - WEEK) await rm(path, { force: true });
  }
}

const WEEK = 7 * 86_400_000;
