import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";

/**
 * Makes the schema `auth` with its tables, `auth.uid()` and its kin. Changes nothing where it has run
 * before.
 *
 * @param sql connected as who shall own them
 */
export async function installAuth(sql: Sql): Promise<void> {
  // Loaded here, since it is large and a command's help does without.
  const { getAuthSchemaSql, SUPABASE_AUTH_HELPERS_SQL } = await import("@supabase/lite");
  await sql.unsafe(getAuthSchemaSql(false)).simple();
  await sql.unsafe(SUPABASE_AUTH_HELPERS_SQL).simple();
}

/**
 * Gives a Postgres with the schema `auth` what else a Supabase project has before its first
 * migration: the API roles and the schema `extensions`. New objects get no grants for the API roles,
 * as on the platform. Changes nothing where it has run before.
 */
export async function installPlatform(sql: Sql): Promise<void> {
  const platform = await readFile(new URL("platform.sql", import.meta.url), "utf8");
  await sql.unsafe(platform).simple();
}
