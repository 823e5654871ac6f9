/** Usage of the assistant platform: what each person used, by day and by month, and the counter. */
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

/** Which page of usage. */
interface Paging<Cursor> extends RequestOptions {
  /** Where to go on: the `next` of the page before. */
  after?: Cursor | null | undefined;
  /** Rows a page, 1 to 999; 100 by default. */
  limit?: number | undefined;
}

/**
 * What was used today (UTC) so far: by the caller or, for owners and admins, by each member.
 *
 * @param options.after where to go on: the `next` of the page before
 * @param options.limit rows a page, 1 to 999; 100 by default
 * @returns one row a person who used anything, and the cursor of the next page, or null when there is
 *   none
 * @throws DatabaseError `22023` for another limit
 *
 * @example
 * const { usage: [mine] } = await listTodaysUsage(supabase);
 */
export async function listTodaysUsage(
  client: Client,
  options: Paging<UsageCursor> = {},
): Promise<{ usage: UsageMetrics[]; next: UsageCursor | null }> {
  const { after, limit = 100 } = options;
  const found = await request(options, (signal) => {
    const people = client
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
 * One page of what was used on each day, the last day first: by the caller or, for owners and admins,
 * by each member.
 *
 * @param options.from the first day, `YYYY-MM-DD` (UTC)
 * @param options.to the last day
 * @param options.userId by this person alone, a `users.id`
 * @param options.after where to go on: the `next` of the page before
 * @param options.limit rows a page, 1 to 999; 100 by default
 * @returns one row a day and person, and the cursor of the next page, or null when there is none
 * @throws DatabaseError `22007` for what is no day, `22023` for another limit
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
  const found = await request(options, (signal) => {
    const newest = client
      .from("usage_metrics")
      .select()
      .order("date", { ascending: false })
      .order("user_id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    if (from) newest.gte("date", from);
    if (to) newest.lte("date", to);
    if (userId) newest.eq("user_id", userId);
    return after ? newest.or(isBefore("date", after, "user_id")) : newest;
  });
  const { page, next } = pageOf(found, limit, "date", "user_id");
  return { usage: page, next };
}

/**
 * One page of what was used in each month, the last month first, never stale: by the caller or, for
 * owners and admins, by each member.
 *
 * @param options.from a day of the first month, `YYYY-MM-DD` (UTC)
 * @param options.to a day of the last month
 * @param options.after where to go on: the `next` of the page before
 * @param options.limit rows a page, 1 to 999; 100 by default
 * @returns one row a month and person, and the cursor of the next page, or null when there is none
 * @throws DatabaseError `22023` when the period ends before it starts, and for another limit
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
  const { from: p_from, to: p_to, after, limit = 100 } = options;
  const found = await request(options, (signal) => {
    const newest = client
      .rpc("get_monthly_usage_summary", { p_from, p_to })
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
