/** The creative director: what its columns hold, and helpers for what a frontend does with it. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { JsonObject } from "./assistant.js";
import type { Database, Tables, TablesInsert } from "./database.js";
import type { Json } from "./database.types.js";
import { unwrap } from "./errors.js";

/** The values of `conversation_sessions.state`, in the order of the work. */
export const sessionStates = [
  "initial",
  "clarifying",
  "planning",
  "executing",
  "reviewing",
  "delivered",
  "cancelled",
] as const;
export type SessionState = (typeof sessionStates)[number];

/** The values of `conversation_messages.role`. */
export const sessionMessageRoles = ["user", "assistant", "system", "tool"] as const;
export type SessionMessageRole = (typeof sessionMessageRoles)[number];

/** `brands.guidelines`: what work for the brand must keep to. */
export type BrandGuidelines = {
  voice?: string;
  colors?: string[];
  avoid?: string[];
  [key: string]: Json | undefined;
};

/** An element of `pending_questions` and `questions_asked`. */
export type Question = {
  id: string;
  text: string;
  /** The answers to choose from; free text when there are none. */
  options?: string[];
  [key: string]: Json | undefined;
};

/** `conversation_messages.delegation_plan`: which agents do what, in order. Empty for nothing. */
export type DelegationPlan = {
  steps?: { agent: string; task: string; [key: string]: Json | undefined }[];
  [key: string]: Json | undefined;
};

/** The columns whose generated type is wider than what the database accepts. */
export type DirectorColumns = {
  brands: { guidelines: BrandGuidelines };
  conversation_sessions: {
    state: SessionState;
    parsed_intent: JsonObject;
    answered_questions: JsonObject;
    pending_questions: Question[];
  };
  conversation_messages: {
    role: SessionMessageRole;
    questions_asked: Question[];
    delegation_plan: DelegationPlan;
  };
};

/** The columns that a trigger fills from the session. */
export type DirectorFilled = { conversation_messages: "brand_id" };

/** The results of functions that a type generator cannot see through. */
export type DirectorFunctions = {
  get_session_message_stats: {
    /** Null is what a session without messages has not. */
    Row: {
      average_latency_ms: number | null;
      first_message_at: string | null;
      last_message_at: string | null;
    };
  };
};

type Client = SupabaseClient<Database>;
type Session = Tables<"conversation_sessions">;
type SessionMessage = Tables<"conversation_messages">;

/**
 * Opens a session for a brand of the caller's tenant.
 *
 * @param intent what is known of the wish already
 * @returns the new session, in state `initial`
 * @throws DatabaseError `42501` or `23503` when the caller sees no such brand
 *
 * @example
 * const session = await openSession(supabase, brand.id, { goal: "a launch film" });
 */
export async function openSession(
  client: Client,
  brandId: string,
  intent: JsonObject = {},
): Promise<Session> {
  const row = { brand_id: brandId, parsed_intent: intent };
  return unwrap(await client.from("conversation_sessions").insert(row).select().single());
}

/**
 * Adds a message to one of the caller's open sessions.
 *
 * @returns the stored message, with the session's brand
 * @throws DatabaseError `23503` when the caller has no such session, `55000` when it is finished
 *
 * @example
 * await appendMessage(supabase, session.id, { role: "user", content: "Make it bolder." });
 */
export async function appendMessage(
  client: Client,
  sessionId: string,
  message: Omit<TablesInsert<"conversation_messages">, "session_id" | "brand_id" | "user_id">,
): Promise<SessionMessage> {
  const row = { ...message, session_id: sessionId };
  return unwrap(await client.from("conversation_messages").insert(row).select().single());
}

/** Where a page of messages ended. */
export type MessageCursor = Pick<SessionMessage, "created_at" | "id">;

/**
 * One page of a session's messages, going back from the newest. Stable: messages that arrive
 * between two pages shift nothing, and two of the same instant keep their order.
 *
 * @param options.before where to go on: the `next` of the page before
 * @param options.limit messages a page, 1 to 1000
 * @returns the page, oldest first, and the cursor of the next one, or null when there is none
 * @throws DatabaseError
 *
 * @example
 * const { messages, next } = await listMessages(supabase, session.id, { limit: 20 });
 */
export async function listMessages(
  client: Client,
  sessionId: string,
  { before, limit = 50 }: { before?: MessageCursor | null; limit?: number } = {},
): Promise<{ messages: SessionMessage[]; next: MessageCursor | null }> {
  const query = client
    .from("conversation_messages")
    .select()
    .eq("session_id", sessionId)
    .order("created_at", { ascending: false })
    .order("id", { ascending: false })
    .limit(limit + 1);
  if (before) {
    const { created_at, id } = before;
    query.or(`created_at.lt."${created_at}",and(created_at.eq."${created_at}",id.lt.${id})`);
  }
  const found = unwrap(await query);
  const messages = found.slice(0, limit).reverse();
  const [oldest] = messages;
  return { messages, next: found.length > limit && oldest ? cursorOf(oldest) : null };
}

function cursorOf({ created_at, id }: SessionMessage): MessageCursor {
  return { created_at, id };
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
export async function completeSession(client: Client, sessionId: string): Promise<Session> {
  const args = { p_session_id: sessionId };
  return unwrap(await client.rpc("complete_conversation_session", args));
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
export async function cancelSession(client: Client, sessionId: string): Promise<Session> {
  const args = { p_session_id: sessionId };
  return unwrap(await client.rpc("cancel_conversation_session", args));
}

/**
 * What a session has cost so far, in US dollars; 0 for none, and for a session of somebody else.
 *
 * @throws DatabaseError
 *
 * @example
 * const dollars = await getSessionCost(supabase, session.id);
 */
export async function getSessionCost(client: Client, sessionId: string): Promise<number> {
  return unwrap(await client.rpc("get_session_cost", { p_session_id: sessionId }));
}

/** What `get_session_message_stats` returns. */
export type SessionStats =
  Database["public"]["Functions"]["get_session_message_stats"]["Returns"][number];

/**
 * A session's messages in numbers: by role, tokens, cost, mean latency, first and last time.
 *
 * @throws DatabaseError
 *
 * @example
 * const { total_messages, total_cost_usd } = await getSessionStats(supabase, session.id);
 */
export async function getSessionStats(client: Client, sessionId: string): Promise<SessionStats> {
  const args = { p_session_id: sessionId };
  return unwrap(await client.rpc("get_session_message_stats", args).single());
}
