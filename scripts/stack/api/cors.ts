/**
 * Answers so that a page of any origin may read it, as the platform does: `@supabase/lite` allows that
 * of its REST API alone, and a browser then refuses to sign in.
 *
 * @param answer not asked for a preflight, which is about headers and methods alone
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
