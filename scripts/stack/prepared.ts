import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { hashMigrations } from "../project/migrations.ts";
import { packageRoot } from "../project/settings.ts";

/**
 * A database that has the platform and the migrations, made once and then copied: pushing them takes
 * several seconds, and a run of the tests starts many stacks.
 */

/** The packages whose versions decide what such a database holds. */
const MAKERS = ["@electric-sql/pglite", "@supabase/lite", "supabase"];

/** Differs when anything does that such a database is made from. */
export function preparedKey(): string {
  const hash = createHash("sha256").update(hashMigrations());
  const require = createRequire(import.meta.url);
  for (const name of MAKERS) {
    // Not by its exports: not every package exports its manifest.
    const folder = require.resolve.paths(name)?.find((path) => existsSync(join(path, name)));
    hash.update(readFileSync(join(folder ?? "", name, "package.json")));
  }
  for (const file of PLATFORM) hash.update(readFileSync(new URL(file, import.meta.url)));
  return hash.digest("hex").slice(0, 16);
}

/** What the platform is made by, in this folder. */
const PLATFORM = [
  "platform.ts",
  "platform.sql",
  "server/hosted-roles.sql",
  "server/hosted-schemas.sql",
  "server/hosted-grants.sql",
];

const cacheDir = join(packageRoot, "node_modules/.cache/prepared-databases");

/**
 * The data folder of an embedded database, as an archive, from the cache or made now.
 *
 * @param name of what it holds besides, for the cache
 * @param make starts such a database and returns its data folder
 */
export async function preparedDataDir(name: string, make: () => Promise<Blob>): Promise<Blob> {
  const file = join(cacheDir, `${name}-${preparedKey()}.tar`);
  if (!existsSync(file)) {
    mkdirSync(cacheDir, { recursive: true });
    const archive = new Uint8Array(await (await make()).arrayBuffer());
    // Whole or not at all: several processes may make it, and any may be killed.
    const unfinished = `${file}.${process.pid}`;
    await writeFile(unfinished, archive);
    await rename(unfinished, file);
    await removeOlder(name, file);
  }
  return new Blob([await readFile(file)]);
}

/** Removes those that nobody has needed to make anew for long; another clone may still use a recent one. */
async function removeOlder(name: string, file: string) {
  for (const other of await readdir(cacheDir)) {
    const path = join(cacheDir, other);
    if (!other.startsWith(`${name}-`) || path === file) continue;
    const { mtimeMs } = await stat(path);
    if (mtimeMs < Date.now() - WEEK) await rm(path, { force: true });
  }
}

const WEEK = 7 * 86_400_000;
