/** The creative director's sessions and their messages. */
import { callFunction } from "./request/functions.js";
import { isBefore, type MessageCursor, pageOf, rowsFor } from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { JsonObject } from "./schema/columns.js";
import type { TablesInsert } from "./schema/database.js";
import type { ConversationMessage, ConversationSession, SessionStats } from "./schema/rows.js";

/**
 * Opens a session for a brand of the caller's tenant.
 *
 * @param intent what is known of the wish already
 * @returns the new session, in state `initial`
 * @throws DatabaseError `42501` or `23503` when the caller sees no such brand
 *
 * @example
 * const session = await createSession(supabase, brand.id, { goal: "a launch film" });
 */
export async function createSession(
  client: Client,
  brandId: string,
  intent: JsonObject = {},
  options: RequestOptions = {},
): Promise<ConversationSession> {
  const row = { brand_id: brandId, parsed_intent: intent };
  return request(options, (signal) =>
    client.from("conversation_sessions").insert(row).select().abortSignal(signal).single(),
  );
}

/**
 * Adds a message to one of the caller's open sessions.
 *
 * @returns the stored message, with the session's brand
 * @throws DatabaseError `23503` when the caller has no such session, `55000` when it is finished
 *
 * @example
 * await appendSessionMessage(supabase, session.id, { role: "user", content: "Make it bolder." });
 */
export async function appendSessionMessage(
  client: Client,
  sessionId: string,
  message: Omit<TablesInsert<"conversation_messages">, "session_id" | "brand_id" | "user_id">,
  options: RequestOptions = {},
): Promise<ConversationMessage> {
  const row = { ...message, session_id: sessionId };
  return request(options, (signal) =>
    client.from("conversation_messages").insert(row).select().abortSignal(signal).single(),
  );
}

/**
 * One page of a session's messages, going back from the newest. Stable: messages that arrive
 * between two pages shift nothing, and two of the same instant keep their order.
 *
 * @param options.before where to go on: the `next` of the page before
 * @param options.limit messages a page, 1 to 999
 * @returns the page, oldest first, and the cursor of the next one, or null when there is none
 * @throws DatabaseError `22023` for another limit
 *
 * @example
 * const { messages, next } = await listSessionMessages(supabase, session.id, { limit: 20 });
 */
export async function listSessionMessages(
  client: Client,
  sessionId: string,
  options: RequestOptions & {
    before?: MessageCursor | null | undefined;
    limit?: number | undefined;
  } = {},
): Promise<{ messages: ConversationMessage[]; next: MessageCursor | null }> {
  const { before, limit = 50 } = options;
  const found = await request(options, (signal) => {
    const newest = client
      .from("conversation_messages")
      .select()
      .eq("session_id", sessionId)
      .order("created_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    return before ? newest.or(isBefore("created_at", before)) : newest;
  });
  const { page, next } = pageOf(found, limit, "created_at");
  return { messages: page.reverse(), next };
}

/**
 * The end of a session's messages in one piece, as a model gets to see it. {@link listSessionMessages} goes
 * back from there.
 *
 * @param options.limit messages at most, 1 to 1000; 50 by default
 * @returns the newest, oldest first; none for a session of somebody else
 * @throws DatabaseError `22023` for another limit
 *
 * @example
 * const messages = await getSessionHistory(supabase, session.id, { limit: 20 });
 */
export async function getSessionHistory(
  client: Client,
  sessionId: string,
  options: RequestOptions & { limit?: number | undefined } = {},
): Promise<ConversationMessage[]> {
  const args = { p_session_id: sessionId, p_limit: options.limit };
  return callFunction(client, "get_conversation_history", args, options);
}

/**
 * Delivers a session: its work is done, and it takes no more messages.
 *
 * @returns the finished session
 * @throws DatabaseError `P0002` when the caller has no such session, `55000` when it is finished
 *
 * @example
 * const { completed_at } = await completeSession(supabase, session.id);
 */
export async function completeSession(
  client: Client,
  sessionId: string,
  options: RequestOptions = {},
): Promise<ConversationSession> {
  return callFunction(
    client,
    "complete_conversation_session",
    { p_session_id: sessionId },
    options,
  );
}

/**
 * Cancels a session: nothing will come of it, and it takes no more messages.
 *
 * @returns the finished session
 * @throws DatabaseError as {@link completeSession}
 *
 * @example
 * await cancelSession(supabase, session.id);
 */
export async function cancelSession(
  client: Client,
  sessionId: string,
  options: RequestOptions = {},
): Promise<ConversationSession> {
  return callFunction(client, "cancel_conversation_session", { p_session_id: sessionId }, options);
}

/**
 * What a session has cost so far, in US dollars; 0 for none, and for a session of somebody else.
 *
 * @throws DatabaseError
 *
 * @example
 * const dollars = await getSessionCost(supabase, session.id);
 */
export async function getSessionCost(
  client: Client,
  sessionId: string,
  options: RequestOptions = {},
): Promise<number> {
  return callFunction(client, "get_session_cost", { p_session_id: sessionId }, options);
}

/**
 * A session's messages in numbers: by role, tokens, cost, mean latency, first and last time.
 *
 * @throws DatabaseError
 *
 * @example
 * const { total_messages, total_cost_usd } = await getSessionStats(supabase, session.id);
 */
export async function getSessionStats(
  client: Client,
  sessionId: string,
  options: RequestOptions = {},
): Promise<SessionStats> {
  const args = { p_session_id: sessionId };
  return request(options, (signal) =>
    client.rpc("get_session_message_stats", args).abortSignal(signal).single(),
  );
}
