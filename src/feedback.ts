/** What members of a tenant think of its messages. */
import { type FeedbackCursor, isBefore, pageOf, rowsFor } from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { Feedback, FeedbackRating, FeedbackSummary } from "./schema/rows.js";

/**
 * Rates a message of the tenant, or changes the caller's rating of it.
 *
 * @param rating 1 for thumbs up, -1 for thumbs down
 * @param comment why; at most 5000 characters. One that was given before goes when this is left out
 * @throws DatabaseError `23503` or `42501` when the tenant has no such message
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
  return request(options, (signal) =>
    client
      .from("feedback")
      .upsert(row, { onConflict: "message_id,user_id" })
      .select()
      .abortSignal(signal)
      .single(),
  );
}

/**
 * Takes the caller's rating of a message back.
 *
 * @returns whether there was one
 * @throws DatabaseError
 *
 * @example
 * await unrateMessage(supabase, message.id);
 */
export async function unrateMessage(
  client: Client,
  messageId: string,
  options: RequestOptions = {},
): Promise<boolean> {
  // The policy narrows it to the caller's own.
  const deleted = await request(options, (signal) =>
    client.from("feedback").delete().eq("message_id", messageId).select("id").abortSignal(signal),
  );
  return deleted.length > 0;
}

/**
 * One page of how the tenant's messages were rated, the one that was rated last first, as of the last
 * refresh of the summary, which is once a day.
 *
 * @param options.conversationId of this conversation alone
 * @param options.after where to go on: the `next` of the page before
 * @param options.limit messages a page, 1 to 999
 * @returns one summary a message that was rated, and the cursor of the next page, or null when there
 *   is none
 * @throws DatabaseError `22023` for another limit
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
  const found = await request(options, (signal) => {
    const newest = client
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
