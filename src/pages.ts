/** Where a page ended: the time that the rows are sorted by, and the id that breaks a tie. */
export type Cursor<Time extends string, Id extends string = "id"> = { [C in Time | Id]: string };

/** Where a page of conversations ended. */
export type ConversationCursor = Cursor<"updated_at">;
/** Where a page of messages ended. */
export type MessageCursor = Cursor<"created_at">;
/** Where a page of summaries of feedback ended. */
export type FeedbackCursor = Cursor<"last_feedback_at", "message_id">;

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
