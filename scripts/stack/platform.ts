import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";

/**
 * Creates the schema `auth` with its tables and with helpers such as `auth.uid()`. Changes nothing
 * in a database that has them.
 *
 * @param sql connected as the role that will own the schema
 */
export async function installAuth(sql: Sql): Promise<void> {
  // Loaded on demand: it is large, and --help does not need it.
  const { getAuthSchemaSql, SUPABASE_AUTH_HELPERS_SQL } = await import("@supabase/lite");
  await sql.unsafe(getAuthSchemaSql(false)).simple();
  await sql.unsafe(SUPABASE_AUTH_HELPERS_SQL).simple();
  await sql.unsafe(await sqlFile("../project/auth-functions.sql")).simple();
}

/**
 * Creates what else a Supabase project has before its first migration: the API roles and the schema
 * `extensions`. The database must have the schema `auth`. New objects get no grants for the API
 * roles, as on hosted Supabase. Changes nothing in a database that was set up before.
 */
export async function installPlatform(sql: Sql): Promise<void> {
  await sql.unsafe(await sqlFile("platform.sql")).simple();
}

function sqlFile(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), "utf8");
}
