/** A comparison as text: of a column or, with `->>`, of a text in JSON. */
const COMPARISON = /^((?:not\.)?(?:eq|neq|gt|gte|lt|lte)\.)([^{].*)$/s;

/**
 * Quotes the values of comparisons, as the library takes quoted ones as they are. Without, `eq.null`
 * asks it for SQL's null, `eq.1.50` for the number, and `eq."x"` for what stands in the quotes.
 */
export function withLiteralFilters(request: Request): Request {
  const url = new URL(request.url);
  if (!url.pathname.startsWith("/rest/v1/")) return request;
  const query = [...url.searchParams].map(([name, value]) => {
    const isJson = /->[^>]+$/.test(name) && !/->>[^>]+$/.test(name);
    return [name, isJson ? value : value.replace(COMPARISON, '$1"$2"')];
  });
  const search = new URLSearchParams(query).toString();
  if (search === url.searchParams.toString()) return request;
  url.search = search;
  return new Request(url.href, request);
}

/**
 * Refuses filters on what every JavaScript object has, as PostgREST does, which knows no such column.
 * The library keeps filters in plain objects, under the names that clients give: that of
 * `__proto__=eq.x` would not be applied, so that a delete took all rows, but become a property of
 * every object of the process.
 *
 * @returns the refusal; undefined for a request without such a name
 */
export function refuseNamesOfObjects(request: Request): Response | undefined {
  const { pathname, searchParams } = new URL(request.url);
  if (!pathname.startsWith("/rest/v1/")) return undefined;
  // What follows an arrow is a key within JSON, and no name to the library.
  const words = [...searchParams.keys()].flatMap(
    (name) => name.split("->")[0]?.match(/\w+/g) ?? [],
  );
  const inherited = words.find((word) => word in Object.prototype);
  if (inherited === undefined) return undefined;
  const relation = pathname.split("/").at(-1);
  const message = `column ${relation}.${inherited} does not exist`;
  return Response.json({ code: "42703", details: null, hint: null, message }, { status: 400 });
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
