import { createHmac } from "node:crypto";
import { inject } from "vitest";
import type { Login } from "../support/actors.ts";
import { must } from "../support/rows.ts";

export interface Answer {
  status: number;
  body: string;
  /** Which rows of how many, as PostgREST counts them. */
  range: string | null;
}

type Claims = Record<string, unknown>;

/** The token that somebody got when they signed in. */
export async function tokenOf({ client }: Pick<Login, "client">): Promise<string> {
  const { data, error } = await client.auth.getSession();
  return must({ data: data.session?.access_token, error });
}

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

/** A token with any claims, signed with the stack's own secret unless another is given. */
export function sign(claims: Claims, secret = inject("stack").JWT_SECRET): string {
  const text = `${encode({ alg: "HS256", typ: "JWT" })}.${encode(claims)}`;
  return `${text}.${createHmac("sha256", secret).update(text).digest("base64url")}`;
}

/** A token that says it needs no signature. */
export function unsigned(claims: Claims): string {
  return `${encode({ alg: "none", typ: "JWT" })}.${encode(claims)}.`;
}

export function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

/**
 * Sends what no client library would.
 *
 * @param path below `/rest/v1/`
 */
export async function send(token: string, path: string, init: RequestInit = {}): Promise<Answer> {
  const { API_URL, PUBLISHABLE_KEY } = inject("stack");
  const headers = {
    apikey: PUBLISHABLE_KEY,
    authorization: `Bearer ${token}`,
    "content-type": "application/json",
    ...init.headers,
  };
  const response = await fetch(`${API_URL}/rest/v1/${path}`, { ...init, headers });
  const range = response.headers.get("content-range");
  return { status: response.status, body: await response.text(), range };
}
