/** The database's functions, called with exactly the arguments that they have. */
import type { FunctionArgs, FunctionName, FunctionResult } from "../schema/database.js";
import { type Client, type RequestOptions, request } from "./request.js";

/** `Given`, if it has no keys but those of `Wanted`. */
type Exact<Given, Wanted> = Given & { [K in Exclude<keyof Given, keyof Wanted>]: never };

/** Arguments may be left out altogether where each of them may. */
type Rest<Given, Wanted> =
  Record<never, never> extends Wanted
    ? [args?: Exact<Given, Wanted>, options?: RequestOptions]
    : [args: Exact<Given, Wanted>, options?: RequestOptions];

/**
 * Calls a function of the database. Unlike `rpc()` of supabase-js, it does not compile without the
 * arguments that the function needs, nor with others than it has. The helpers of this package call
 * most of them by a name of their own.
 *
 * @param args by name; a trailing `options` with a signal may follow
 * @returns what the function returns: an array where it returns rows, of which the API gives 1000 at
 *   most
 * @throws DatabaseError with the code that the function raises, `42501` when it is not for the caller
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
    // That the arguments are those of this function is known here from the types above alone.
    client.rpc<FunctionName, never>(name, args as never).abortSignal(signal),
  );
  return result as FunctionResult<F>;
}
