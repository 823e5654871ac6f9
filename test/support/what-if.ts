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
