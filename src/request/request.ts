import type { PostgrestError, SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../schema/database.js";
import { DatabaseError } from "./errors.js";

/**
 * The first argument of every helper: a client of supabase-js or `@supabase/ssr` for this schema.
 *
 * The type has only the two methods that helpers use. The class itself would refuse clients of
 * `@supabase/ssr`: where TypeScript resolves modules as Node does, they come from another
 * declaration of the class, and its protected members make the two differ.
 */
export interface Client {
  from(relation: "conversations"): object;
  rpc(name: "get_session_cost", args: { p_session_id: string }): object;
}

/** The last argument of every helper. */
export interface RequestOptions {
  /** Aborts the request. The helper then throws the signal's reason, by default an `AbortError`. */
  signal?: AbortSignal | undefined;
}

/**
 * Sends a query that can be aborted, and returns its data.
 *
 * @param build creates the query with the client and the given signal
 * @throws DatabaseError, or the reason of the signal
 */
export async function request<T>(
  client: Client,
  { signal = new AbortController().signal }: RequestOptions,
  build: (
    database: SupabaseClient<Database>,
    signal: AbortSignal,
  ) => PromiseLike<{ data: T; error: PostgrestError | null }>,
): Promise<NonNullable<T>> {
  signal.throwIfAborted();
  const { data, error } = await build(client as SupabaseClient<Database>, signal);
  if (error && signal.aborted) throw signal.reason;
  if (error) throw new DatabaseError(error);
  return data as NonNullable<T>;
}
