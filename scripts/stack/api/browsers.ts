/** Protects the local API from pages in the developer's browser, which know its default keys. */

/** The names of this machine. */
const LOCAL = /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/;

/**
 * Returns the refusal of a request to another host name. A page can give its own host name the
 * address of this machine (DNS rebinding); its requests then need no CORS.
 */
export function refusalOfForeignHost(request: Request): Response | undefined {
  const { hostname } = new URL(request.url);
  if (LOCAL.test(hostname)) return undefined;
  const message = `the local API answers on localhost and 127.0.0.1, not on ${hostname}`;
  return Response.json({ message }, { status: 403 });
}

/**
 * Marks a request of a page as one of a browser, so that the library refuses the secret key. The
 * library looks only at the user agent, which a page can choose.
 */
export function markBrowser(request: Request): Request {
  if (!request.headers.has("origin")) return request;
  const headers = new Headers(request.headers);
  headers.set("user-agent", "Mozilla/5.0");
  return new Request(request, { headers });
}
