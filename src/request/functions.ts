/** Calls the functions of the database, with arguments that the compiler checks. */
import type { FunctionArgs, FunctionName, FunctionResult } from "../schema/database.js";
import { type Client, type RequestOptions, request } from "./request.js";

/** Rejects keys of `Given` that `Wanted` does not have. */
type Exact<Given, Wanted> = Given & { [K in Exclude<keyof Given, keyof Wanted>]: never };

/** The arguments may be left out when each of them is optional. */
type Rest<Given, Wanted> =
  Record<never, never> extends Wanted
    ? [args?: Exact<Given, Wanted>, options?: RequestOptions]
    : [args: Exact<Given, Wanted>, options?: RequestOptions];

/**
 * Calls a function of the database. Unlike with `rpc()` of supabase-js, missing and unknown
 * arguments are type errors. Most functions also have a helper in this package.
 *
 * @param args arguments by name; `options` with a signal may follow
 * @returns the result of the function: an array for functions that return rows, with at most 1000
 *   of them
 * @throws DatabaseError with the code that the function raises, or `42501` when the caller may not
 *   call it
 *
 * @example
 * const dollars = await callFunction(supabase, "get_session_cost", { p_session_id: session.id });
 */
export async function callFunction<F extends FunctionName, A extends FunctionArgs<F>>(
  client: Client,
  name: F,
  ...[args, options = {}]: Rest<A, FunctionArgs<F>>
): Promise<FunctionResult<F>> {
  const result = await request(options, (signal) =>
    // The cast is safe, because the types above check the arguments of this function.
    client.rpc<FunctionName, never>(name, args as never).abortSignal(signal),
  );
  return result as FunctionResult<F>;
}
