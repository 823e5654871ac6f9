/** Usage of the assistant platform: what each person used, by day and by month, and the counter. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Tables } from "./database.js";
import { callFunction, type FunctionResult } from "./functions.js";
import { type RequestOptions, request } from "./request.js";

type Client = SupabaseClient<Database>;

/** What a person used on a day (UTC); cost in US dollars. */
export type UsageMetrics = Tables<"usage_metrics">;
/** What a person used in a month (UTC); cost in US dollars. */
export type MonthlyUsage = FunctionResult<"get_monthly_usage_summary">[number];

/**
 * What was used today (UTC) so far: by the caller or, for owners and admins, by each member.
 *
 * @returns one row a person who used anything
 * @throws DatabaseError
 *
 * @example
 * const [mine] = await getUsageToday(supabase);
 */
export async function getUsageToday(
  client: Client,
  options: RequestOptions = {},
): Promise<UsageMetrics[]> {
  return request(options, (signal) =>
    client.from("current_day_usage").select().order("user_id").abortSignal(signal),
  );
}

/**
 * What was used on each day: by the caller or, for owners and admins, by each member.
 *
 * @param options.from the first day, `YYYY-MM-DD` (UTC)
 * @param options.to the last day
 * @param options.userId by this person alone, a `users.id`
 * @returns one row a day and person, the oldest first; at most 1000
 * @throws DatabaseError `22007` for what is no day
 *
 * @example
 * const days = await getUsageByDay(supabase, { from: "2026-01-01", to: "2026-01-31" });
 */
export async function getUsageByDay(
  client: Client,
  options: RequestOptions & {
    from?: string | undefined;
    to?: string | undefined;
    userId?: string | undefined;
  } = {},
): Promise<UsageMetrics[]> {
  const { from, to, userId } = options;
  return request(options, (signal) => {
    const days = client.from("usage_metrics").select().order("date").order("user_id");
    if (from) days.gte("date", from);
    if (to) days.lte("date", to);
    if (userId) days.eq("user_id", userId);
    return days.abortSignal(signal);
  });
}

/**
 * What was used in each month, never stale: by the caller or, for owners and admins, by each member.
 *
 * @param options.from a day of the first month, `YYYY-MM-DD` (UTC)
 * @param options.to a day of the last month
 * @throws DatabaseError `22023` when the period ends before it starts
 *
 * @example
 * const [thisMonth] = await getUsageByMonth(supabase, { from: "2026-01-01" });
 */
export async function getUsageByMonth(
  client: Client,
  options: RequestOptions & { from?: string | undefined; to?: string | undefined } = {},
): Promise<MonthlyUsage[]> {
  const args = { p_from: options.from, p_to: options.to };
  return callFunction(client, "get_monthly_usage_summary", args, options);
}

/**
 * Adds one request to what a person used on a day, in one step: two that end at once both count. For a
 * backend with the secret key.
 *
 * @param use whose and of which tenant; `date` is `YYYY-MM-DD` (UTC), today when it is left out; `cost`
 *   in US dollars
 * @returns all that the person used on that day
 * @throws DatabaseError `42501` for anybody but the service role, `22023` for negative numbers, `23503`
 *   when the tenant has no such user
 *
 * @example
 * await incrementUsage(asService, {
 *   tenantId: conversation.tenant_id,
 *   userId: conversation.user_id,
 *   promptTokens: 812,
 *   completionTokens: 95,
 *   cost: 0.0031,
 * });
 */
export async function incrementUsage(
  client: Client,
  use: {
    tenantId: string;
    userId: string;
    date?: string | undefined;
    promptTokens: number;
    completionTokens: number;
    cost: number;
  },
  options: RequestOptions = {},
): Promise<UsageMetrics> {
  const args = {
    p_tenant_id: use.tenantId,
    p_user_id: use.userId,
    p_date: use.date ?? new Date().toISOString().slice(0, 10),
    p_prompt_tokens: use.promptTokens,
    p_completion_tokens: use.completionTokens,
    p_cost: use.cost,
  };
  return callFunction(client, "increment_usage_metrics", args, options);
}
