/** The parts of the auth API that write an email address. */
const WRITES_EMAIL = /\/(?:signup|otp|magiclink|recover|resend|user)$/;

/** GoTrue's limit in bytes, which is also the limit of the column. */
const LONGEST_EMAIL = 255;

/** The requests that are being served, by email address. */
const underWay = new Map<string, Promise<unknown>>();

/**
 * Serves a request of the auth API, same as GoTrue where `@supabase/lite` fails (500): for an email
 * address that is too long, and for several sign-ups of one address at the same time.
 */
export async function withCheckedEmail(
  request: Request,
  serve: (request: Request) => Promise<Response> | Response,
): Promise<Response> {
  if (!WRITES_EMAIL.test(new URL(request.url).pathname)) return serve(request);
  const email = await emailIn(request.clone());
  if (email === undefined) return serve(request);
  if (Buffer.byteLength(email) > LONGEST_EMAIL) return tooLong();
  return oneAtATime(email.toLowerCase(), async () => serve(request));
}

/** Serves requests with one address one after the other, so that the second one finds the account. */
async function oneAtATime<T>(email: string, serve: () => Promise<T>): Promise<T> {
  const answer = Promise.resolve(underWay.get(email)).then(serve);
  const ended = answer.catch(() => {});
  underWay.set(email, ended);
  try {
    return await answer;
  } finally {
    if (underWay.get(email) === ended) underWay.delete(email);
  }
}

async function emailIn(request: Request): Promise<string | undefined> {
  const body: unknown = await request.json().catch(() => undefined);
  const email = body instanceof Object && "email" in body ? body.email : undefined;
  return typeof email === "string" ? email : undefined;
}

function tooLong(): Response {
  const body = { code: 400, error_code: "validation_failed", msg: "An email address is too long" };
  return Response.json(body, { status: 400 });
}
