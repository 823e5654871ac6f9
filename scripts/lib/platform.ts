import { readFile } from "node:fs/promises";
import { getAuthSchemaSql, SUPABASE_AUTH_HELPERS_SQL } from "@supabase/lite";
import type { Sql } from "postgres";

/**
 * Gives a bare Postgres what a Supabase project has before its first migration: the schema `auth`
 * with `auth.uid()` and its kin, the API roles, the schema `extensions`. New objects get no grants
 * for the API roles, as on the platform. Changes nothing where it has run before.
 */
export async function installPlatform(sql: Sql): Promise<void> {
  const roles = await readFile(new URL("platform.sql", import.meta.url), "utf8");
  await sql.unsafe(getAuthSchemaSql(false)).simple();
  await sql.unsafe(SUPABASE_AUTH_HELPERS_SQL).simple();
  await sql.unsafe(roles).simple();
}
