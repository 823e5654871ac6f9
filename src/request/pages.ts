import { DatabaseError } from "./errors.js";

/** Where a page ended: the time that the rows are sorted by, and the id that breaks a tie. */
export type Cursor<Time extends string, Id extends string = "id"> = { [C in Time | Id]: string };

/** Where a page of conversations ended. */
export type ConversationCursor = Cursor<"updated_at">;
/** Where a page of messages ended. */
export type MessageCursor = Cursor<"created_at">;
/** Where a page of summaries of feedback ended. */
export type FeedbackCursor = Cursor<"last_feedback_at", "message_id">;
/** Where a page of usage by day ended. */
export type UsageCursor = Cursor<"date", "user_id">;
/** Where a page of usage by month ended. */
export type MonthlyUsageCursor = Cursor<"month", "user_id">;

/** The API gives one row more, `max_rows` in supabase/config.toml, which tells of another page. */
const MOST_ROWS = 999;

/**
 * How many rows to ask for: one more than the page has, to know whether there is another.
 *
 * @throws DatabaseError `22023` for less than one row, and for more than the API would give
 */
export function rowsFor(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ROWS) return limit + 1;
  const message = `the limit must be 1 to ${MOST_ROWS}, not ${limit}`;
  throw new DatabaseError({ message, code: "22023", details: "", hint: "" });
}

/**
 * The filter for the rows that come after a cursor, newest first. That the time is not later stands
 * by itself, since an index finds no rows by an `or`.
 */
export function isBefore<Time extends string, Id extends string = "id">(
  column: Time,
  cursor: Cursor<Time, Id>,
  id = "id" as Id,
): string {
  const time = `"${cursor[column]}"`;
  return `and(${column}.lte.${time},or(${column}.lt.${time},${id}.lt."${cursor[id]}"))`;
}

/** A page of the rows that were found, of which there is one more if there is another page. */
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
