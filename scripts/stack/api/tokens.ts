import { createHmac } from "node:crypto";

/** The answer to a sign-in, sign-up or refresh. */
interface Session {
  access_token?: unknown;
  user?: Record<string, unknown>;
}

/**
 * Adds the claims of hosted Supabase to the token of an answer: the metadata of the account and the
 * assurance level. The library leaves them out, and policies that read them would fail.
 *
 * @param secret signs the token, same as the library does
 */
export async function withHostedClaims(answer: Response, secret: string): Promise<Response> {
  if (!answer.headers.get("content-type")?.startsWith("application/json")) return answer;
  const text = await answer.text();
  const session = JSON.parse(text) as Session | null;
  const token = session?.access_token;
  const body =
    typeof token === "string" && session?.user
      ? JSON.stringify({ ...session, access_token: extended(token, session.user, secret) })
      : text;
  const headers = new Headers(answer.headers);
  headers.delete("content-length");
  return new Response(body, { status: answer.status, headers });
}

function extended(token: string, user: Record<string, unknown>, secret: string): string {
  const [header = "", payload = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  const more = {
    phone: user.phone ?? "",
    app_metadata: user.app_metadata ?? {},
    user_metadata: user.user_metadata ?? {},
    aal: "aal1",
    amr: [{ method: "password", timestamp: claims.iat }],
    is_anonymous: user.is_anonymous ?? false,
  };
  const signed = `${header}.${Buffer.from(JSON.stringify({ ...more, ...claims })).toString("base64url")}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
