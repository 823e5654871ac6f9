import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import postgres from "postgres";
import { inject } from "vitest";
import WebSocket from "ws";
import { API_APPLICATION_NAME } from "../../scripts/stack/engine/embedded-postgres.ts";
import type { ServiceDatabase } from "../../src/index.ts";

/** Every client of the tests has the wider types, because tests also send what is refused. */
export type Client = SupabaseClient<ServiceDatabase>;

/** Creates a client with the publishable key, which is not signed in. */
export function anonClient(): Client {
  return createStackClient(inject("stack").API_URL, inject("stack").PUBLISHABLE_KEY);
}

/** Creates a client with the secret key. It builds fixtures, and is a caller in some tests. */
export function serviceClient(): Client {
  return createStackClient(inject("stack").API_URL, inject("stack").SECRET_KEY);
}

/** Creates a client of any stack. It neither stores nor refreshes its session. */
export function createStackClient(url: string, key: string): Client {
  return createClient<ServiceDatabase>(url, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    // Node 20 has no built-in WebSocket.
    realtime: { transport: WebSocket as never },
  });
}

/**
 * Returns a connection to the database as the owner of the schema. Use it where the API shows
 * nothing (the catalog) or permits nothing (refreshes, accounts without a sign-up). Idle
 * connections close.
 */
export function asOwner(): postgres.Sql {
  return connection("tests");
}

/**
 * Same as `asOwner()`, except that it connects under the API's application name. The local stack
 * then assumes that no statement changes the schema, and does not read the catalog again.
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

/** The key contains the URL, because test files of several projects may share a process. */
const connections = new Map<string, postgres.Sql>();

/**
 * Returns the URL of a temporary stack's database for its superuser, which can break what the owner
 * cannot. In the embedded engine, the owner is the superuser.
 */
export function superuserUrl(databaseUrl: string): string {
  const url = new URL(process.env.NATIVE_POSTGRES_URL ?? databaseUrl);
  url.pathname = new URL(databaseUrl).pathname;
  return url.href;
}
