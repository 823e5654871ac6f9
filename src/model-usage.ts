/** Usage of models by an account. */
import { callFunction } from "./request/functions.js";
import type { Client, RequestOptions } from "./request/request.js";
import type { UsageStats } from "./schema/rows.js";

/**
 * Returns the totals of the caller's calls to models, by operation type and model.
 *
 * @param options.start start of the period (included), ISO 8601
 * @param options.end end of the period (excluded), ISO 8601
 * @param options.userId an account, `auth.users.id`; the caller by default. Required with the
 *   secret key. Signed-in callers get an empty array for another account
 * @returns one element per operation type and model
 * @throws DatabaseError `22007` for a text that is not a time, `22023` when the period ends before
 *   it starts
 *
 * @example
 * const stats = await getModelUsage(supabase, { start: "2026-01-01", end: "2026-02-01" });
 */
export async function getModelUsage(
  client: Client,
  options: RequestOptions & {
    start?: string | undefined;
    end?: string | undefined;
    userId?: string | undefined;
  } = {},
): Promise<UsageStats[]> {
  const { start: p_start, end: p_end, userId: p_user_id } = options;
  const args = { p_user_id, p_start, p_end };
  return callFunction(client, "get_usage_stats", args, options);
}
