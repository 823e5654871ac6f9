import { inject } from "vitest";
import { type Claims, encodePart, signToken } from "../../scripts/stack/api/tokens.ts";

export { type Claims, claimsOf, encodePart } from "../../scripts/stack/api/tokens.ts";

/** Returns a token with these claims, signed with `secret` or, by default, the stack's secret. */
export function sign(claims: Claims, secret = inject("stack").JWT_SECRET): string {
  return signToken(claims, secret);
}

/** Returns a token with the algorithm "none" and no signature. */
export function unsigned(claims: Claims): string {
  return `${encodePart({ alg: "none", typ: "JWT" })}.${encodePart(claims)}.`;
}
