/** Where a page ended: the time that the rows are sorted by, and the id that breaks a tie. */
export type Cursor<Time extends string> = { [T in Time | "id"]: string };

/** Where a page of conversations ended. */
export type ConversationCursor = Cursor<"updated_at">;
/** Where a page of messages ended. */
export type MessageCursor = Cursor<"created_at">;

/**
 * The filter for the rows that come after a cursor, newest first. That the time is not later stands
 * by itself, since an index finds no rows by an `or`.
 */
export function isBefore<Time extends string>(column: Time, cursor: Cursor<Time>): string {
  const time = `"${cursor[column]}"`;
  return `and(${column}.lte.${time},or(${column}.lt.${time},id.lt."${cursor.id}"))`;
}

/** A page of the rows that were found, of which there is one more if there is another page. */
export function pageOf<Time extends string, Row extends Cursor<Time>>(
  found: Row[],
  limit: number,
  column: Time,
): { page: Row[]; next: Cursor<Time> | null } {
  const page = found.slice(0, limit);
  const last = page.at(-1);
  if (!last || found.length <= limit) return { page, next: null };
  return { page, next: { [column]: last[column], id: last.id } as Cursor<Time> };
}
