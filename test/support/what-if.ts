import type postgres from "postgres";
import { asOwner } from "./clients.ts";

/** Does something as the owner of the schema, and undoes it. */
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

/** The same, with an account's claims: what asks who the caller is gets that answer, and no policy holds. */
export function whatIfSignedIn<T>(
  { account }: { account: string },
  act: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  return whatIf(async (sql) => {
    await sql`select set_config('request.jwt.claim.sub', ${account}, true)`;
    return act(sql);
  });
}
