import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { App } from "@supabase/lite";
import { createPostgresConnection, type PostgresConnection } from "@supabase/lite/postgres";
import { API_APPLICATION_NAME } from "./embedded-postgres.ts";
import type { StackSettings } from "./settings.ts";

/** How many requests the API works on at a time. */
const POOL_SIZE = 8;

export interface Api {
  url: string;
  /** Connects to the database and starts to answer; until then requests wait. */
  connect: (databaseUrl: string) => Promise<void>;
  /** Makes the next request look at the schema afresh, as PostgREST does on `reload schema`. */
  reloadSchema: () => void;
  close: () => Promise<void>;
}

/**
 * Serves the REST and auth API of `@supabase/lite` on a loopback port, over any Postgres.
 *
 * @param settings keys, limits and auth settings; `apiPort` 0 takes any free port
 * @throws a Node error with code `EADDRINUSE` when the port is taken
 */
export async function startApi(settings: StackSettings): Promise<Api> {
  silenceRefusals();
  let connection: PostgresConnection | undefined;
  let stale = true;
  let connected = (_app: Pick<App, "fetch">) => {};
  const app = new Promise<Pick<App, "fetch">>((resolve) => {
    connected = resolve;
  });
  const server = createAdaptorServer({
    fetch: async (request: Request) => {
      const { fetch } = await app;
      if (stale && connection) {
        stale = false;
        await refreshSchema(connection);
      }
      return fetch(request);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.apiPort, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async connect(databaseUrl) {
      connection = connect(databaseUrl);
      connected(createApp(connection, settings));
    },
    reloadSchema() {
      stale = true;
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      await connection?.driver.end({ timeout: 1 });
    },
  };
}

function createApp(connection: PostgresConnection, settings: StackSettings) {
  const config = {
    connection,
    api: { schemas: settings.schemas, max_rows: settings.maxRows },
    auth: {
      ...settings.auth,
      enabled: true,
      jwt_secret: settings.jwtSecret,
      publishable_key: settings.publishableKey,
      secret_key: settings.secretKey,
    },
    options: { server: { disableStudio: true, admin: false } },
  };
  return new App(config as ConstructorParameters<typeof App>[0]);
}

function connect(url: string): PostgresConnection {
  const connection = createPostgresConnection({
    url,
    postgresOptions: {
      max: POOL_SIZE,
      onnotice: () => {},
      connection: { application_name: API_APPLICATION_NAME },
    },
  });
  // Otherwise the first request would grant ALL on every table to all API roles, and hide every
  // missing or wrong grant. Tested by test/stack/grants.test.ts.
  (connection as unknown as { rlsState: "active" }).rlsState = "active";
  return connection;
}

/**
 * Drops what the API remembers of the schema, and teaches the driver to send a JavaScript array for
 * a vector as `[1,2,3]`, as PostgREST does; its own rendering, `1,2,3`, is not a vector.
 */
async function refreshSchema(connection: PostgresConnection): Promise<void> {
  await connection.clearSchemaCache();
  const types = await connection.driver<{ oid: number }[]>`
    select oid::int from pg_type where typname in ('vector', 'halfvec')`;
  for (const { oid } of types) {
    connection.driver.options.serializers[oid] = (value: unknown) =>
      Array.isArray(value) ? JSON.stringify(value) : value;
  }
}

/**
 * `@supabase/lite` prints every error that it passes on to a client, stack and all. Those that
 * Postgres raised are answers, not faults of the stack; anything else is still printed.
 */
function silenceRefusals() {
  if (console.error === printFaults) return;
  print = console.error;
  console.error = printFaults;
}

let print: typeof console.error;

function printFaults(...values: unknown[]) {
  const [error] = values;
  if (error instanceof Error && "severity_local" in error) return;
  print(...values);
}
