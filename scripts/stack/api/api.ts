import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { App } from "@supabase/lite";
import type { StackSettings } from "../../project/settings.ts";
import { markBrowser, refusalOfForeignHost } from "./browsers.ts";
import { withCors } from "./cors.ts";
import { emailPrinter, withRedirect } from "./emails.ts";
import { catalogConnection, PostgrestConnection } from "./postgrest-connection.ts";
import { answerAtTheEnd, asLibraryReads } from "./postgrest-requests.ts";
import { withNullsForMissing } from "./postgrest-writes.ts";
import { serveRequest } from "./served-request.ts";
import { withCheckedEmail } from "./sign-ups.ts";
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
 * @param onEmail called with the text of each email, because none is sent
 * @throws a Node error with code `EADDRINUSE` when the port is taken
 */
export async function startApi(
  settings: StackSettings,
  onEmail: (email: string) => void = console.info,
): Promise<Api> {
  let halves: Halves | undefined;
  let whenConnected = (_halves: Halves) => {};
  const connected = new Promise<Halves>((resolve) => {
    whenConnected = resolve;
  });
  const server = createAdaptorServer({
    fetch: async (given: Request, env) => {
      const foreign = refusalOfForeignHost(given);
      if (foreign) return foreign;
      const request = markBrowser(given);
      // The library answers 404 for a function with arguments, as if the page had called it without.
      if (request.headers.has("access-control-request-method")) {
        return withCors(request, () => new Response(null));
      }
      const { rest, auth } = await connected;
      const isAuth = new URL(request.url).pathname.startsWith("/auth/");
      const half = isAuth ? auth : rest;
      await half.connection.refreshSchema();
      if (isAuth) {
        return withCors(request, async () => {
          const answer = await withRedirect(request, () =>
            withCheckedEmail(request, (checked) => half.app.fetch(checked)),
          );
          return withHostedClaims(answer, settings.jwtSecret);
        });
      }
      const read = asLibraryReads(await withNullsForMissing(request));
      if ("refusal" in read) return withCors(request, () => read.refusal);
      const { incoming } = env as HttpBindings;
      const answer = await serveRequest(incoming, () => half.app.fetch(read.request));
      return answerAtTheEnd(request, answer);
    },
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(settings.apiPort, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const email = emailPrinter(url, onEmail);

  return {
    url,
    connect(logins) {
      const catalog = catalogConnection(logins.catalog);
      const half = (login: string): Half => {
        const connection = new PostgrestConnection(login, catalog, settings.schemas);
        return { connection, app: createApp(connection, settings, email) };
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

function createApp(
  connection: PostgrestConnection,
  settings: StackSettings,
  email: ReturnType<typeof emailPrinter>,
) {
  const config = {
    connection,
    api: {
      schemas: settings.schemas,
      max_rows: settings.maxRows,
      // Hosted Supabase loads the extension pg-safeupdate for the API.
      pg_safe_update: true,
    },
    auth: {
      ...settings.auth,
      enabled: true,
      jwt_secret: settings.jwtSecret,
      publishable_key: settings.publishableKey,
      secret_key: settings.secretKey,
    },
    options: { server: { disableStudio: true, admin: false }, drivers: { email } },
  };
  return new App(config as ConstructorParameters<typeof App>[0]);
}
