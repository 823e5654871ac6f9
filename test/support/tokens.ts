import { createHmac } from "node:crypto";
import { inject } from "vitest";

export type Claims = Record<string, unknown>;

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
