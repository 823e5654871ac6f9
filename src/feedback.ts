/** Ratings of messages. */
import { type FeedbackCursor, isBefore, pageOf, rowsFor } from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import { wellFormed } from "./request/text.js";
import type { Feedback, FeedbackRating, FeedbackSummary } from "./schema/rows.js";

/**
 * Creates or replaces the caller's rating of a message.
 *
 * @param rating 1 for thumbs up, -1 for thumbs down
 * @param comment reason for the rating, at most 5000 characters. A call without it deletes an
 *   earlier comment
 * @returns the stored rating
 * @throws DatabaseError `23503` when the caller's tenant has no such message, `42501` when the
 *   caller is not an active member, `23514` for a comment that is too long
 *
 * @example
 * await rateMessage(supabase, message.id, -1, "That was last year's price.");
 */
export async function rateMessage(
  client: Client,
  messageId: string,
  rating: FeedbackRating,
  comment: string | null = null,
  options: RequestOptions = {},
): Promise<Feedback> {
  const row = { message_id: messageId, rating, comment };
  return request(client, options, (database, signal) =>
    database
      .from("feedback")
      .upsert(wellFormed(row), { onConflict: "message_id,user_id" })
      .select()
      .abortSignal(signal)
      .single(),
  );
}

/**
 * Deletes the caller's rating of a message.
 *
 * @returns true when there was a rating to delete
 * @throws DatabaseError `42501` when the caller is not signed in
 *
 * @example
 * await unrateMessage(supabase, message.id);
 */
export async function unrateMessage(
  client: Client,
  messageId: string,
  options: RequestOptions = {},
): Promise<boolean> {
  // The policy limits this to the caller's own rating.
  const deleted = await request(client, options, (database, signal) =>
    database.from("feedback").delete().eq("message_id", messageId).select("id").abortSignal(signal),
  );
  return deleted.length > 0;
}

/**
 * Returns one page of feedback summaries, one per rated message of the tenant. The message with the
 * newest rating comes first. The summaries are live.
 *
 * @param options.conversationId returns only messages of this conversation
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit summaries per page, 1 to 999; 100 by default
 * @returns `summaries`, and `next`, the cursor of the next page, or null on the last page
 * @throws DatabaseError `22023` for a limit out of range
 *
 * @example
 * const { summaries } = await listFeedbackSummaries(supabase, { conversationId: conversation.id });
 */
export async function listFeedbackSummaries(
  client: Client,
  options: RequestOptions & {
    conversationId?: string | undefined;
    after?: FeedbackCursor | null | undefined;
    limit?: number | undefined;
  } = {},
): Promise<{ summaries: FeedbackSummary[]; next: FeedbackCursor | null }> {
  const { conversationId: p_conversation_id, after, limit = 100 } = options;
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .rpc("get_message_feedback_summary", { p_conversation_id })
      .order("last_feedback_at", { ascending: false })
      .order("message_id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    return after ? newest.or(isBefore("last_feedback_at", after, "message_id")) : newest;
  });
  const { page, next } = pageOf(found, limit, "last_feedback_at", "message_id");
  return { summaries: page, next };
}
