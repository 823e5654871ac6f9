import { DatabaseError } from "./errors.js";

/** The position of a page's last row: the time that sorts rows, and the id that breaks ties. */
export type Cursor<Time extends string, Id extends string = "id"> = { [C in Time | Id]: string };

/** Cursor of a page of conversations. */
export type ConversationCursor = Cursor<"updated_at">;
/** Cursor of a page of messages. */
export type MessageCursor = Cursor<"created_at">;
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
 * Returns the filter for the rows that follow a cursor when the newest row comes first. It repeats
 * the condition on the time outside the `or`, because an index cannot serve an `or`.
 */
export function isBefore<Time extends string, Id extends string = "id">(
  column: Time,
  cursor: Cursor<Time, Id>,
  id = "id" as Id,
): string {
  const time = `"${cursor[column]}"`;
  return `and(${column}.lte.${time},or(${column}.lt.${time},${id}.lt."${cursor[id]}"))`;
}

/** Returns one page of the requested rows, and the cursor of the next page if there is one. */
export function pageOf<Time extends string, Row extends Cursor<Time, Id>, Id extends string = "id">(
  found: Row[],
  limit: number,
  column: Time,
  id = "id" as Id,
): { page: Row[]; next: Cursor<Time, Id> | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  if (!last || found.length <= limit) return { page, next: null };
  const next = Object.fromEntries<string>([column, id].map((key) => [key, last[key]]));
  return { page, next: next as Cursor<Time, Id> };
}
