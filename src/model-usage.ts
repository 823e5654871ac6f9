/** What calls to models took. */
import { callFunction } from "./request/functions.js";
import type { Client, RequestOptions } from "./request/request.js";
import type { UsageStats } from "./schema/rows.js";

/**
 * The caller's calls to models, by operation type and model.
 *
 * @param options.start from then on; ISO 8601
 * @param options.end up to, but not including, then; ISO 8601
 * @param options.userId whose calls: for the service role, which has to say. Anybody else gets those
 *   of another user as if there were none
 * @returns one element for each operation type and model
 * @throws DatabaseError `22023` when the period ends before it starts
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
