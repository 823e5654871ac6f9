import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { inject } from "vitest";
import WebSocket from "ws";
import { API_APPLICATION_NAME } from "../../scripts/stack/engine/embedded-postgres.ts";
import type { Database } from "../../src/index.ts";

export type Client = SupabaseClient<Database>;

/** Somebody with the publishable key and no sign-in. */
export function anonClient(): Client {
  return createStackClient(inject("stack").API_URL, inject("stack").PUBLISHABLE_KEY);
}

/** The application's backend. Builds fixtures; as an actor it is one of the cases. */
export function serviceClient(): Client {
  return createStackClient(inject("stack").API_URL, inject("stack").SECRET_KEY);
}

/** A client of any stack, which keeps its sign-in to itself. */
export function createStackClient(url: string, key: string): Client {
  return createClient<Database>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no WebSocket of its own.
    realtime: { transport: WebSocket as never },
  });
}

/**
 * The database as the owner of the schema: for what the API does not show (the catalog) or nobody
 * may do through it (refreshes, accounts without a sign-up). Connections close when idle.
 */
export function asOwner(): postgres.Sql {
  return connection("tests");
}

/**
 * The same in the name of the API: it changes no schema, so that the local stack does not read the
 * catalog again after each statement.
 */
export function asApi(): postgres.Sql {
  return connection(API_APPLICATION_NAME);
}

function connection(application_name: string): postgres.Sql {
  const { DB_URL } = inject("stack");
  const key = `${application_name} ${DB_URL}`;
  const options = { max: 2, idle_timeout: 1, onnotice: () => {}, connection: { application_name } };
  const sql = connections.get(key) ?? postgres(DB_URL, options);
  connections.set(key, sql);
  return sql;
}

/** By the URL, too, since the files of several projects may share a process. */
const connections = new Map<string, postgres.Sql>();

/**
 * The URL of a temporary stack's database for its superuser, who can break what its owner cannot. On
 * the embedded engine the two are one.
 */
export function superuserUrl(databaseUrl: string): string {
  const url = new URL(process.env.NATIVE_POSTGRES_URL ?? databaseUrl);
  url.pathname = new URL(databaseUrl).pathname;
  return url.href;
}
