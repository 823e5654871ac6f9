import type { PostgrestError, SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../schema/database.js";
import { DatabaseError } from "./errors.js";

/** The first argument of every helper. */
export type Client = SupabaseClient<Database>;

/** The last argument of every helper. */
export interface RequestOptions {
  /** Aborts the request. The helper then throws the signal's reason, by default an `AbortError`. */
  signal?: AbortSignal | undefined;
}

/**
 * Sends a query that can be aborted, and returns its data.
 *
 * @param build creates the query with the given signal
 * @throws DatabaseError, or the reason of the signal
 */
export async function request<T>(
  { signal = new AbortController().signal }: RequestOptions,
  build: (signal: AbortSignal) => PromiseLike<{ data: T; error: PostgrestError | null }>,
): Promise<NonNullable<T>> {
  signal.throwIfAborted();
  const { data, error } = await build(signal);
  if (error && signal.aborted) throw signal.reason;
  if (error) throw new DatabaseError(error);
  return data as NonNullable<T>;
}
