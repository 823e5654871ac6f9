import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { App } from "@supabase/lite";
import type { StackSettings } from "../../project/settings.ts";
import { markBrowser, refusalOfForeignHost } from "./browsers.ts";
import { withCors } from "./cors.ts";
import { catalogConnection, PostgrestConnection } from "./postgrest-connection.ts";
import { answerAtTheEnd, asLibraryReads } from "./postgrest-requests.ts";
import { withNullsForMissing } from "./postgrest-writes.ts";
import { withHostedClaims } from "./tokens.ts";

/** The URLs with which the parts of the API log in to the database. */
export interface ApiLogins {
  /** For `/rest/v1`: switches to the role of the caller in each request. */
  rest: string;
  /** For `/auth/v1`: the owner of the schema `auth`. */
  auth: string;
  /** For reading the schema. Requests do not use their own role for this. */
  catalog: string;
}

export interface Api {
  url: string;
  /** Connects to the database. Requests wait until then. */
  connect: (logins: ApiLogins) => void;
  /** Marks the cached schema as stale, because the schema may have changed. */
  markSchemaStale: () => void;
  close: () => Promise<void>;
}

/**
 * Serves the REST and auth API of `@supabase/lite` on a loopback port, for any Postgres. A process
 * that serves other programs must also call `hardenProcess()`.
 *
 * @param settings keys, limits and auth settings; `apiPort` 0 takes any free port
 * @throws a Node error with code `EADDRINUSE` when the port is taken
 */
export async function startApi(settings: StackSettings): Promise<Api> {
  let halves: Halves | undefined;
  let whenConnected = (_halves: Halves) => {};
  const connected = new Promise<Halves>((resolve) => {
    whenConnected = resolve;
  });
  const server = createAdaptorServer({
    fetch: async (given: Request) => {
      const foreign = refusalOfForeignHost(given);
      if (foreign) return foreign;
      const request = markBrowser(given);
      const { rest, auth } = await connected;
      const isAuth = new URL(request.url).pathname.startsWith("/auth/");
      const half = isAuth ? auth : rest;
      await half.connection.refreshSchema();
      if (isAuth) {
        return withCors(request, async () =>
          withHostedClaims(await half.app.fetch(request), settings.jwtSecret),
        );
      }
      const read = asLibraryReads(await withNullsForMissing(request));
      if ("refusal" in read) return withCors(request, () => read.refusal);
      return answerAtTheEnd(request, await half.app.fetch(read.request));
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.apiPort, "127.0.0.1", resolve);
  });

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connect(logins) {
      const catalog = catalogConnection(logins.catalog);
      const half = (url: string): Half => {
        const connection = new PostgrestConnection(url, catalog, settings.schemas);
        return { connection, app: createApp(connection, settings) };
      };
      halves = { rest: half(logins.rest), auth: half(logins.auth), catalog };
      whenConnected(halves);
    },
    markSchemaStale() {
      halves?.rest.connection.markSchemaStale();
      halves?.auth.connection.markSchemaStale();
    },
    async close() {
      await new Promise((resolve) => {
        server.close(resolve);
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
      if (halves) {
        const { rest, auth, catalog } = halves;
        const connections = [rest.connection, auth.connection, catalog];
        await Promise.all(connections.map(({ driver }) => driver.end({ timeout: 1 })));
      }
    },
  };
}

interface Half {
  connection: PostgrestConnection;
  app: Pick<App, "fetch">;
}

interface Halves {
  rest: Half;
  auth: Half;
  catalog: ReturnType<typeof catalogConnection>;
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
