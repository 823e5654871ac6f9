/**
 * Adds the CORS headers with which a page of any origin may read the answer, as hosted
 * Supabase does. `@supabase/lite` sends them only for its REST API. Without them, sign-in fails in a
 * browser.
 *
 * @param answer returns the answer. It is not called for a preflight request, which needs only
 *   headers
 */
export async function withCors(
  request: Request,
  answer: () => Promise<Response> | Response,
): Promise<Response> {
  const isPreflight = request.method === "OPTIONS";
  const given = isPreflight ? new Response(null, { status: 204 }) : await answer();
  const response = new Response(given.body, given);
  response.headers.set("access-control-allow-origin", "*");
  response.headers.set("access-control-expose-headers", "x-sb-error-code, x-supabase-api-version");
  if (isPreflight) {
    const asked = request.headers.get("access-control-request-headers");
    response.headers.set("access-control-allow-headers", asked ?? "*");
    response.headers.set("access-control-allow-methods", "GET, POST, PUT, PATCH, DELETE, OPTIONS");
    response.headers.set("access-control-max-age", "86400");
  }
  return response;
}
