import type postgres from "postgres";
import { asOwner } from "./clients.ts";

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
