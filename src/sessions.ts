/** Sessions of the creative director and their messages. */
import { callFunction } from "./request/functions.js";
import { isBefore, type MessageCursor, pageOf, rowsFor } from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import { wellFormed } from "./request/text.js";
import type { JsonObject } from "./schema/columns.js";
import type { TablesInsert } from "./schema/database.js";
import type { ConversationMessage, ConversationSession, SessionStats } from "./schema/rows.js";

/**
 * Creates a session for a brand of the caller's tenant.
 *
 * @param brandId the brand, `brands.id`
 * @param intent the part of the request that is already known; `{}` by default
 * @returns the new session, in state `initial`
 * @throws DatabaseError `23503` when the caller's tenant has no such brand, `42501` when the caller
 *   is not an active member
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
  return request(client, options, (database, signal) =>
    database
      .from("conversation_sessions")
      .insert(wellFormed(row))
      .select()
      .abortSignal(signal)
      .single(),
  );
}

/**
 * Adds a message to an open session of the caller.
 *
 * @returns the stored message, with the session's brand
 * @throws DatabaseError `23503` when the caller has no such session, `55000` when the session is
 *   finished
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
  return request(client, options, (database, signal) =>
    database
      .from("conversation_messages")
      .insert(wellFormed(row))
      .select()
      .abortSignal(signal)
      .single(),
  );
}

/**
 * Returns one page of a session's messages. The first page has the newest messages. Paging is
 * stable: new messages between two pages do not shift rows.
 *
 * @param options.before cursor: the `next` of the previous page
 * @param options.limit messages per page, 1 to 999; 50 by default
 * @returns `messages`, oldest first, and `next`, the cursor of the older messages, or null when
 *   there are none
 * @throws DatabaseError `22023` for a limit out of range
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
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .from("conversation_messages")
      .select()
      .eq("session_id", sessionId)
      .order("position", { ascending: false })
      .order("id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    return before ? newest.or(isBefore("position", before)) : newest;
  });
  const { page, next } = pageOf(found, limit, "position");
  return { messages: page.reverse(), next };
}

/**
 * Returns the newest messages of a session, for example as the input of a model. {@link
 * listSessionMessages} returns older ones.
 *
 * @param options.limit largest number of messages, 1 to 1000; 50 by default
 * @returns the newest messages, oldest first; an empty array for a session of another account
 * @throws DatabaseError `22023` for a limit out of range
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
 * Sets the state of a session to `delivered`. The session then accepts no more messages.
 *
 * @returns the finished session
 * @throws DatabaseError `P0002` when the caller has no such session, `55000` when the session is
 *   already finished. With the secret key, `P0003` when two accounts have a session with this id
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
 * Sets the state of a session to `cancelled`. The session then accepts no more messages.
 *
 * @returns the finished session
 * @throws DatabaseError in the same cases as {@link completeSession}
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
 * Returns the cost of a session so far.
 *
 * @returns US dollars; 0 for a session without messages and for a session of another account
 * @throws DatabaseError `42501` when the caller is not signed in
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
 * Returns statistics of a session's messages.
 *
 * @returns number of messages in all and by role, tokens, cost in US dollars, mean latency in
 *   milliseconds, and the times of the first and last message. For a session without messages and
 *   for a session of another account, counts and sums are 0, and the mean and the times are null
 * @throws DatabaseError `42501` when the caller is not signed in
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
  return request(client, options, (database, signal) =>
    database.rpc("get_session_message_stats", args).abortSignal(signal).single(),
  );
}
