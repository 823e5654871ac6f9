/**
 * The emails of the auth API. The local stack sends none: it prints them, with links that work.
 */
import { AsyncLocalStorage } from "node:async_hooks";

const VERIFY = "/auth/v1/verify";

/** The `redirectTo` of the request that is served, if it has one. */
const redirectOfRequest = new AsyncLocalStorage<string | null>();

/**
 * Serves a request of the auth API. Emails that it causes lead to the `redirectTo` of the request.
 * `@supabase/lite` ignores it here. It checks the address when the link is opened.
 */
export function withRedirect<T>(request: Request, serve: () => T): T {
  return redirectOfRequest.run(new URL(request.url).searchParams.get("redirect_to"), serve);
}

/**
 * Returns a driver for `@supabase/lite` that prints each email as text.
 *
 * @param apiUrl the URL of this API. The library's links lead to the app (`site_url`), where no
 *   auth API listens
 * @param print called with the text of each email
 */
export function emailPrinter(apiUrl: string, print: (email: string) => void) {
  return {
    async send({ to, subject, text = "" }: { to: string; subject: string; text?: string }) {
      const body = text.replace(/https?:\/\/\S+/, (link) => linkTo(apiUrl, link));
      print(`Date: ${new Date().toISOString()}\nTo: ${to}\nSubject: ${subject}\n\n${body}\n`);
    },
  };
}

function linkTo(apiUrl: string, link: string): string {
  const { search } = new URL(link);
  const url = new URL(`${VERIFY}${search}`, apiUrl);
  const redirect = redirectOfRequest.getStore();
  if (redirect) url.searchParams.set("redirect_to", redirect);
  return url.href;
}
