import { DatabaseError } from "./errors.js";

/** The last row of a page: the value that sorts rows, and the id that breaks ties. */
export type Cursor<Sort extends string, Id extends string = "id", Value = string> = {
  [C in Sort]: Value;
} & { [C in Id]: string };

/** Cursor of a page of conversations. */
export type ConversationCursor = Cursor<"updated_at">;
/** Cursor of a page of messages. */
export type MessageCursor = Cursor<"position", "id", number>;
/** Cursor of a page of invitations. */
export type InvitationCursor = Cursor<"last_sent_at">;
/** Cursor of a page of the audit log, whose ids sort by time. */
export type AuditCursor = Cursor<"id">;
/** Cursor of a page of feedback summaries. */
export type FeedbackCursor = Cursor<"last_feedback_at", "message_id">;
/** Cursor of a page of daily usage. */
export type UsageCursor = Cursor<"date", "user_id">;
/** Cursor of a page of monthly usage. */
export type MonthlyUsageCursor = Cursor<"month", "user_id">;

/**
 * Most rows per page: one less than the limit of the API (`max_rows` in supabase/config.toml),
 * because a request fetches one row more than the page has.
 */
const MOST_ROWS = 999;

/**
 * Returns the number of rows to request: one more than the page has, to find out whether another
 * page follows.
 *
 * @throws DatabaseError `22023` when the limit is not between 1 and 999
 */
export function rowsFor(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ROWS) return limit + 1;
  const message = `limit must be between 1 and ${MOST_ROWS}, not ${limit}`;
  throw new DatabaseError({ message, code: "22023", details: "", hint: "" });
}

/**
 * Returns the filter for the rows that follow a cursor when the highest value comes first. It
 * repeats the condition on the value outside the `or`, because an index cannot serve an `or`.
 */
export function isBefore<Sort extends string, Id extends string = "id">(
  column: Sort,
  cursor: Cursor<NoInfer<Sort>, NoInfer<Id>, unknown>,
  id = "id" as Id,
): string {
  const value = `"${cursor[column]}"`;
  return `and(${column}.lte.${value},or(${column}.lt.${value},${id}.lt."${cursor[id]}"))`;
}

/** Returns one page of the requested rows, and the cursor of the next page if there is one. */
export function pageOf<
  Sort extends string,
  Row extends Cursor<Sort, Id, unknown>,
  Id extends string = "id",
>(
  found: Row[],
  limit: number,
  column: Sort,
  id = "id" as Id,
): { page: Row[]; next: Pick<Row, Sort | Id> | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  if (!last || found.length <= limit) return { page, next: null };
  return { page, next: { [column]: last[column], [id]: last[id] } as Pick<Row, Sort | Id> };
}
