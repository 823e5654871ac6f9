import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { App } from "@supabase/lite";
import { isPostgresFailure, PassedOnError, PostgrestConnection } from "./postgrest-connection.ts";
import type { StackSettings } from "./settings.ts";

export interface Api {
  url: string;
  /** Connects to the database and starts to answer; until then requests wait. */
  connect: (databaseUrl: string) => void;
  /** Tells that the schema may have changed. */
  markSchemaStale: () => void;
  close: () => Promise<void>;
}

/**
 * Serves the REST and auth API of `@supabase/lite` on a loopback port, over any Postgres.
 *
 * @param settings keys, limits and auth settings; `apiPort` 0 takes any free port
 * @throws a Node error with code `EADDRINUSE` when the port is taken
 */
export async function startApi(settings: StackSettings): Promise<Api> {
  const print = console.error;
  console.error = (...values: unknown[]) => isRefusal(values[0]) || print(...values);
  let connection: PostgrestConnection | undefined;
  let whenConnected = (_app: Pick<App, "fetch">) => {};
  const app = new Promise<Pick<App, "fetch">>((resolve) => {
    whenConnected = resolve;
  });
  const server = createAdaptorServer({
    fetch: async (request: Request) => {
      const { fetch } = await app;
      await connection?.refreshSchema();
      return fetch(request);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.apiPort, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connect(databaseUrl) {
      connection = new PostgrestConnection(databaseUrl, settings.schemas);
      whenConnected(createApp(connection, settings));
    },
    markSchemaStale() {
      connection?.markSchemaStale();
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      await connection?.driver.end({ timeout: 1 });
      console.error = print;
    },
  };
}

function createApp(connection: PostgrestConnection, settings: StackSettings) {
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

/**
 * `@supabase/lite` prints every error that it passes on to a client, stack and all. Those that
 * Postgres raised are answers, not faults of the stack; anything else is still printed.
 */
function isRefusal(value: unknown): boolean {
  return isPostgresFailure(value) || value instanceof PassedOnError;
}
