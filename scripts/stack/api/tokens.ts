import { createHmac } from "node:crypto";

export type Claims = Record<string, unknown>;

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
  const claims = claimsOf(token);
  const more = {
    phone: user.phone ?? "",
    app_metadata: user.app_metadata ?? {},
    user_metadata: user.user_metadata ?? {},
    aal: "aal1",
    amr: [{ method: "password", timestamp: claims.iat }],
    is_anonymous: user.is_anonymous ?? false,
  };
  return signToken({ ...more, ...claims }, secret);
}

/** Returns the claims of a token, without checking its signature. */
export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

/** Returns a token with these claims, signed as the library signs it. */
export function signToken(claims: Claims, secret: string): string {
  const text = `${encodePart({ alg: "HS256", typ: "JWT" })}.${encodePart(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** Encodes the header or the claims of a token. */
export function encodePart(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}
