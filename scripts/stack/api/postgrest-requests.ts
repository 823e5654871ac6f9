import { reservedName, withAllFilters, withLiteralValue } from "./postgrest-filters.ts";

/**
 * What the library is given for a request of the REST API: with filters that it takes for what they
 * are, all of them. Or the refusal, when it cannot be asked for that.
 */
export function asLibraryReads(request: Request): { request: Request } | { refusal: Response } {
  const url = new URL(request.url);
  const given = [...url.searchParams];
  const name = reservedName(given);
  if (name !== undefined) {
    const relation = url.pathname.split("/").at(-1);
    return refuse("42703", `column ${relation}.${name} does not exist`);
  }
  const literal = given.map(withLiteralValue);
  // What is moved there would be an argument.
  const isCall = /\/rpc\//.test(url.pathname) && /^(GET|HEAD)$/.test(request.method);
  const filters = isCall ? { query: literal } : withAllFilters(literal);
  if ("lost" in filters) {
    const lost = filters.lost.join("=");
    return refuse("PGRST100", `the local API cannot apply a second filter of this kind: ${lost}`);
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
 * The page right after the last row is empty for PostgREST, and only those beyond are out of range.
 * The library refuses it, too, and so the last step of whoever pages until there are no more rows.
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
