import type postgres from "postgres";
import type { Login } from "./actors.ts";
import { asOwner } from "./clients.ts";
import { type Claims, claimsOf } from "./tokens.ts";

/** Runs `act` in a transaction as the owner of the schema, then rolls it back. */
export async function whatIf<T>(act: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const undo = new Error("rolled back");
  let outcome: T | undefined;
  const transaction = asOwner().begin(async (sql) => {
    outcome = await act(sql as unknown as postgres.Sql);
    throw undo;
  });
  await transaction.catch((error) => {
    if (error !== undo) throw error;
  });
  return outcome as T;
}

/**
 * Same as `whatIf()`, except that the claims name an account. Functions that read the caller return
 * this account. No policy applies, because the role is still the owner.
 */
export function whatIfSignedIn<T>(
  { account }: { account: string },
  act: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  return whatIf(async (sql) => {
    await sql`select set_config('request.jwt.claim.sub', ${account}, true)`;
    return act(sql);
  });
}

/**
 * Runs a statement with the role and the claims of a token, so that grants and policies apply, then
 * `look` as the owner of the schema. Rolls both back.
 *
 * Use it for an update or a delete without a filter, which the API refuses. Such a statement reads
 * no column, so that its own policy applies and no policy for select.
 *
 * @param claims the claims of a token, or only the role
 * @returns what `look` returns
 * @throws the error of the statement
 */
export function whatIfCaller<T>(
  claims: Claims,
  act: (sql: postgres.Sql) => Promise<unknown>,
  look: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  return whatIf(async (sql) => {
    await sql`select set_config('request.jwt.claims', ${JSON.stringify(claims)}, true)`;
    await sql`select set_config('role', ${String(claims.role)}, true)`;
    await act(sql);
    await sql`reset role`;
    return look(sql);
  });
}

/** Returns the claims of the token with which an account is signed in. */
export async function claimsOfLogin({ client }: Pick<Login, "client">): Promise<Claims> {
  const { data, error } = await client.auth.getSession();
  if (error || !data.session) throw error ?? new Error("the client is not signed in");
  return claimsOf(data.session.access_token);
}
