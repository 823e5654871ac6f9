/**
 * Writes null for the keys that a row of a bulk insert leaves out, as PostgREST does without
 * `Prefer: missing=default`. The library would use the defaults of these columns.
 */
export async function withNullsForMissing(request: Request): Promise<Request> {
  const columns = new URL(request.url).searchParams.get("columns");
  const prefer = request.headers.get("prefer") ?? "";
  if (request.method !== "POST" || columns === null || prefer.includes("missing=default")) {
    return request;
  }
  const text = await request.text();
  const rows = parsed(text);
  const body = Array.isArray(rows) ? JSON.stringify(rows.map(complete(columns))) : text;
  return new Request(request.url, { method: "POST", headers: request.headers, body });
}

function complete(columns: string) {
  const names = columns.split(",").map((name) => name.trim().replace(/^"(.*)"$/, "$1"));
  const nothing = Object.fromEntries(names.map((name) => [name, null]));
  return (row: unknown) => (row instanceof Object ? { ...nothing, ...row } : row);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The library answers with the error.
    return undefined;
  }
}
