/** Calls the functions of the database, with arguments that the compiler checks. */

import type { FunctionArgs, FunctionName, FunctionResult } from "../schema/database.js";
import { type Client, type RequestOptions, request } from "./request.js";
import { wellFormed } from "./text.js";

/** Rejects keys of `Given` that `Wanted` does not have. */
type Exact<Given, Wanted> = Given & { [K in Exclude<keyof Given, keyof Wanted>]: never };

/** The arguments may be left out when each of them is optional. */
type Rest<Given, Wanted> =
  Record<never, never> extends Wanted
    ? [args?: Exact<Given, Wanted>, options?: RequestOptions]
    : [args: Exact<Given, Wanted>, options?: RequestOptions];

/**
 * Calls a function of the database. Missing and unknown arguments are type errors, which `rpc()` of
 * supabase-js does not detect. Most functions also have a helper in this package.
 *
 * @param name the function, for example `get_session_cost`
 * @param args the arguments by name. {@link RequestOptions} may follow as the last argument
 * @returns the result of the function. A function that returns rows gives an array of at most 1000
 *   rows
 * @throws DatabaseError with the code that the function raises, or `42501` when the caller is not
 *   allowed to call it
 *
 * @example
 * const dollars = await callFunction(supabase, "get_session_cost", { p_session_id: session.id });
 */
export async function callFunction<F extends FunctionName, A extends FunctionArgs<F>>(
  client: Client,
  name: F,
  ...[args, options = {}]: Rest<A, FunctionArgs<F>>
): Promise<FunctionResult<F>> {
  const result = await request(client, options, (database, signal) =>
    // The cast is safe, because the types above check the arguments of this function.
    database.rpc<FunctionName, never>(name, wellFormed(args) as never).abortSignal(signal),
  );
  return result as FunctionResult<F>;
}
