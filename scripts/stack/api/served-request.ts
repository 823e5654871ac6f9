import { AsyncLocalStorage } from "node:async_hooks";
import type { IncomingMessage } from "node:http";

/** What the library does not pass on of a request. */
interface ServedRequest {
  /** The settings in which SQL reads the request, same as PostgREST's, by name. */
  settings: Record<string, string>;
  query: URLSearchParams;
}

const served = new AsyncLocalStorage<ServedRequest>();

/** Runs `serve` for a request, which {@link servedRequest} returns meanwhile. */
export function serveRequest<T>(incoming: IncomingMessage, serve: () => T): T {
  const url = new URL(incoming.url ?? "/", "http://localhost");
  return served.run({ settings: settingsOf(incoming, url), query: url.searchParams }, serve);
}

/** Returns the request that is being served; undefined outside of requests to the REST API. */
export function servedRequest(): ServedRequest | undefined {
  return served.getStore();
}

function settingsOf({ method = "", rawHeaders }: IncomingMessage, { pathname }: URL) {
  // PostgREST has a separate setting for cookies.
  const { cookie = "", ...headers } = lastOfEach(rawHeaders);
  return {
    "request.method": method,
    // The gateway of hosted Supabase removes the prefix.
    "request.path": pathname.replace(/^\/rest\/v1(?=\/)/, ""),
    "request.headers": JSON.stringify(headers),
    "request.cookies": JSON.stringify(cookiesOf(cookie)),
  };
}

/** Returns the headers by their names in lower case. Of equal names, the last header counts. */
function lastOfEach(rawHeaders: string[]): Record<string, string> {
  const pairs = rawHeaders.flatMap((name, i) =>
    i % 2 === 0 ? [[name.toLowerCase(), rawHeaders[i + 1] ?? ""]] : [],
  );
  return Object.fromEntries(pairs);
}

function cookiesOf(header: string): Record<string, string> {
  const pairs = header.split(";").map((pair) => {
    const [name = "", ...value] = pair.trim().split("=");
    return [name, value.join("=")];
  });
  return Object.fromEntries(pairs.filter(([name]) => name !== ""));
}
