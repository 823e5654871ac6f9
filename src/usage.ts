/** Usage of the assistant platform: per member and day, per member and month, and the counter. */
import { dayOf } from "./request/days.js";
import { callFunction } from "./request/functions.js";
import {
  isBefore,
  type MonthlyUsageCursor,
  pageOf,
  rowsFor,
  type UsageCursor,
} from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { MonthlyUsage, UsageMetrics } from "./schema/rows.js";

/** Options of a page of usage. */
interface Paging<Cursor> extends RequestOptions {
  /** Cursor: the `next` of the previous page. */
  after?: Cursor | null | undefined;
  /** Rows per page, 1 to 999; 100 by default. */
  limit?: number | undefined;
}

/**
 * Returns one page of today's usage (UTC) so far. Owners and admins get the rows of all members;
 * other members get only their own.
 *
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit rows per page, 1 to 999; 100 by default
 * @returns `usage`, one row per member with usage today, and `next`, the cursor of the next page,
 *   or null on the last page
 * @throws DatabaseError `22023` for a limit out of range
 *
 * @example
 * const { usage: [mine] } = await listTodaysUsage(supabase);
 */
export async function listTodaysUsage(
  client: Client,
  options: Paging<UsageCursor> = {},
): Promise<{ usage: UsageMetrics[]; next: UsageCursor | null }> {
  const { after, limit = 100 } = options;
  const found = await request(client, options, (database, signal) => {
    const people = database
      .from("current_day_usage")
      .select()
      .order("user_id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    return after ? people.or(isBefore("date", after, "user_id")) : people;
  });
  const { page, next } = pageOf(found, limit, "date", "user_id");
  return { usage: page, next };
}

/**
 * Returns one page of daily usage, newest day first. Owners and admins get the rows of all members;
 * other members get only their own.
 *
 * @param options.from first day, `YYYY-MM-DD` (UTC)
 * @param options.to last day, `YYYY-MM-DD` (UTC), included
 * @param options.userId a membership, `users.id`: returns only the rows of this member
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit rows per page, 1 to 999; 100 by default
 * @returns `usage`, one row per day and member, and `next`, the cursor of the next page, or null on
 *   the last page
 * @throws DatabaseError `22007` for a text that is not a date, `22023` for a limit out of range
 *
 * @example
 * const { usage, next } = await listDailyUsage(supabase, { from: "2026-01-01", to: "2026-01-31" });
 */
export async function listDailyUsage(
  client: Client,
  options: Paging<UsageCursor> & {
    from?: string | undefined;
    to?: string | undefined;
    userId?: string | undefined;
  } = {},
): Promise<{ usage: UsageMetrics[]; next: UsageCursor | null }> {
  const { from, to, userId, after, limit = 100 } = options;
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .from("usage_metrics")
      .select()
      .order("date", { ascending: false })
      .order("user_id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    if (from) newest.gte("date", dayOf(from));
    if (to) newest.lte("date", dayOf(to));
    if (userId) newest.eq("user_id", userId);
    return after ? newest.or(isBefore("date", after, "user_id")) : newest;
  });
  const { page, next } = pageOf(found, limit, "date", "user_id");
  return { usage: page, next };
}

/**
 * Returns one page of monthly usage, newest month first. Owners and admins get the rows of all
 * members; other members get only their own. The current month and the one before are live. Earlier
 * months are as of the last daily refresh.
 *
 * @param options.from a day in the first month, `YYYY-MM-DD` (UTC)
 * @param options.to a day in the last month, `YYYY-MM-DD` (UTC)
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit rows per page, 1 to 999; 100 by default
 * @returns `usage`, one row per month and member, and `next`, the cursor of the next page, or null
 *   on the last page
 * @throws DatabaseError `22007` for a text that is not a date, `22023` when `to` is before `from`
 *   or for a limit out of range
 *
 * @example
 * const { usage } = await listMonthlyUsage(supabase, { from: "2026-01-01" });
 */
export async function listMonthlyUsage(
  client: Client,
  options: Paging<MonthlyUsageCursor> & {
    from?: string | undefined;
    to?: string | undefined;
  } = {},
): Promise<{ usage: MonthlyUsage[]; next: MonthlyUsageCursor | null }> {
  const { from, to, after, limit = 100 } = options;
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .rpc("get_monthly_usage_summary", { p_from: dayOf(from), p_to: dayOf(to) })
      .order("month", { ascending: false })
      .order("user_id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    return after ? newest.or(isBefore("month", after, "user_id")) : newest;
  });
  const { page, next } = pageOf(found, limit, "month", "user_id");
  return { usage: page, next };
}

/**
 * Adds one request to a member's usage of a day. The call is atomic, so that concurrent calls are
 * all counted. It requires the secret key.
 *
 * @param use.tenantId the member's tenant, `tenants.id`
 * @param use.userId the member, `users.id`
 * @param use.date `YYYY-MM-DD` (UTC), 1900-01-01 to 2999-12-31; today by default
 * @param use.promptTokens tokens of the prompt, 0 or more
 * @param use.completionTokens tokens of the answer, 0 or more
 * @param use.cost US dollars, 0 to 1,000,000,000
 * @returns the member's usage of that day
 * @throws DatabaseError `42501` when the caller is not the service role, `22007` for a date with a
 *   time, `22023` for a value out of range, `23503` when the tenant has no such member
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
    p_date: dayOf(use.date) ?? new Date().toISOString().slice(0, 10),
    p_prompt_tokens: use.promptTokens,
    p_completion_tokens: use.completionTokens,
    p_cost: use.cost,
  };
  return callFunction(client, "increment_usage_metrics", args, options);
}
