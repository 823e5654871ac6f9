import {
  reservedName,
  unreadableFilter,
  withAllFilters,
  withLiteralValue,
} from "./postgrest-filters.ts";

/**
 * Rewrites a request to the REST API so that the library reads and applies all its filters
 * correctly. Returns an error response when that is impossible.
 */
export function asLibraryReads(request: Request): { request: Request } | { refusal: Response } {
  const url = new URL(request.url);
  const given = [...url.searchParams];
  const name = reservedName(given);
  if (name !== undefined) {
    const relation = url.pathname.split("/").at(-1);
    return refuse("42703", `column ${relation}.${name} does not exist`);
  }
  // In such a call, all parameters except filters are arguments of the function, also `and`.
  const isCall = /\/rpc\//.test(url.pathname) && /^(GET|HEAD)$/.test(request.method);
  const unreadable = isCall ? undefined : unreadableFilter(given);
  if (unreadable) return refuse("PGRST100", `"failed to parse filter (${unreadable[1]})"`);
  const literal = given.map(withLiteralValue);
  const filters = isCall ? { query: literal } : withAllFilters(literal);
  if ("lost" in filters) {
    const lost = filters.lost.join("=");
    return refuse(
      "PGRST100",
      `the local API cannot apply two filters of this kind on one column: ${lost}`,
    );
  }
  const search = new URLSearchParams(filters.query).toString();
  if (search === url.searchParams.toString()) return { request };
  url.search = search;
  return { request: new Request(url.href, request) };
}

function refuse(code: string, message: string) {
  const body = { code, details: null, hint: null, message };
  return { refusal: Response.json(body, { status: 400 }) };
}

/**
 * Returns an empty page for an offset right after the last row, as PostgREST does. PostgREST
 * refuses only higher offsets as out of range. The library also refuses this one, which breaks
 * clients that paginate until a page is empty.
 */
export function answerAtTheEnd(request: Request, answer: Response): Response {
  if (answer.status !== 416) return answer;
  const { headers } = answer;
  const total = headers.get("content-range")?.replace("*/", "");
  const [lower] = request.headers.get("range")?.split("-") ?? [];
  const offset = lower ?? new URL(request.url).searchParams.get("offset");
  if (total === undefined || offset !== total) return answer;
  headers.delete("content-length");
  return new Response(request.method === "HEAD" ? null : "[]", { status: 206, headers });
}
