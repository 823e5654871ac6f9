/** The audit log of the tenant that a request is for. */
import { type AuditCursor, pageOf, rowsFor } from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { AuditLogEntry } from "./schema/rows.js";

/**
 * Returns one page of the tenant's audit log, the newest entries first. For owners and admins;
 * other callers get none.
 *
 * @param options.rowId the id of a row, such as `users.id`: returns only its history
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit entries per page, 1 to 999; 20 by default
 * @returns `entries`, and `next`, the cursor of the next page, or null on the last page
 * @throws DatabaseError `22023` for a limit out of range
 *
 * @example
 * const { entries } = await listAuditLog(supabase, { rowId: member.id });
 */
export async function listAuditLog(
  client: Client,
  options: RequestOptions & {
    rowId?: string | undefined;
    after?: AuditCursor | null | undefined;
    limit?: number | undefined;
  } = {},
): Promise<{ entries: AuditLogEntry[]; next: AuditCursor | null }> {
  const { rowId, after, limit = 20 } = options;
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .from("audit_log")
      .select()
      .order("id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    if (rowId) newest.eq("row_id", rowId);
    return after ? newest.lt("id", after.id) : newest;
  });
  const { page, next } = pageOf(found, limit, "id");
  return { entries: page, next };
}
