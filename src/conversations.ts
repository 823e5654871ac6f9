/** Conversations of the assistant platform and their messages. */
import {
  type ConversationCursor,
  isBefore,
  type MessageCursor,
  pageOf,
  rowsFor,
} from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import { wellFormed } from "./request/text.js";
import type { TablesInsert } from "./schema/database.js";
import type { Conversation, Feedback, Message, MessageRole } from "./schema/rows.js";

/**
 * Creates a conversation of the caller.
 *
 * @param values optional title and metadata
 * @returns the new conversation
 * @throws DatabaseError `42501` when the caller is not an active member
 *
 * @example
 * const conversation = await createConversation(supabase, { title: "Holiday plans" });
 */
export async function createConversation(
  client: Client,
  values: Pick<TablesInsert<"conversations">, "title" | "metadata"> = {},
  options: RequestOptions = {},
): Promise<Conversation> {
  const row = { title: null, ...values };
  return request(client, options, (database, signal) =>
    database.from("conversations").insert(wellFormed(row)).select().abortSignal(signal).single(),
  );
}

/**
 * Returns one page of the tenant's conversations, the most recently active first. No page repeats a
 * conversation. One that becomes active between two pages moves to the top, where only a new first
 * page shows it.
 *
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit conversations per page, 1 to 999; 20 by default
 * @param options.userId a membership, `users.id`: returns only conversations of this member
 * @param options.search returns only conversations whose title contains this text, ignoring case.
 *   `*` matches any text. Messages are not searched
 * @param options.archived true returns only archived conversations; false, the default, returns
 *   only the others
 * @returns `conversations`, and `next`, the cursor of the next page, or null on the last page
 * @throws DatabaseError `22023` for a limit out of range
 *
 * @example
 * const { conversations, next } = await listConversations(supabase, { limit: 20 });
 * const more = await listConversations(supabase, { limit: 20, after: next });
 */
export async function listConversations(
  client: Client,
  options: RequestOptions & {
    after?: ConversationCursor | null | undefined;
    limit?: number | undefined;
    userId?: string | undefined;
    search?: string | undefined;
    archived?: boolean | undefined;
  } = {},
): Promise<{ conversations: Conversation[]; next: ConversationCursor | null }> {
  const { after, limit = 20, userId, search, archived = false } = options;
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .from("conversations")
      .select()
      .eq("is_archived", archived)
      .order("updated_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    if (userId) newest.eq("user_id", userId);
    if (search) newest.ilike("title", `%${search.replace(/[\\%_]/g, "\\$&")}%`);
    return after ? newest.or(isBefore("updated_at", after)) : newest;
  });
  const { page, next } = pageOf(found, limit, "updated_at");
  return { conversations: page, next };
}

/** A message with all its ratings. */
export type RatedMessage = Message & { feedback: Feedback[] };

/** A conversation with one page of its messages, oldest first. */
export type ConversationWithMessages = Conversation & {
  messages: RatedMessage[];
  /** Cursor of the previous, older page, or null when there is none. */
  next: MessageCursor | null;
};

/**
 * Returns a conversation with its newest messages and their ratings, in one request. Pass `before`
 * to get older messages. Paging is stable: new messages between two pages do not shift rows.
 *
 * @param id the conversation, `conversations.id`
 * @param options.before cursor: the `next` of the previous call
 * @param options.limit messages per page, 1 to 999; 100 by default
 * @returns the conversation, with its messages oldest first and `next`, the cursor of the older
 *   messages; null when the caller's tenant has no such conversation
 * @throws DatabaseError `22023` for a limit out of range
 *
 * @example
 * const conversation = await getConversation(supabase, id);
 * const older = await getConversation(supabase, id, { before: conversation?.next });
 */
export async function getConversation(
  client: Client,
  id: string,
  options: RequestOptions & {
    before?: MessageCursor | null | undefined;
    limit?: number | undefined;
  } = {},
): Promise<ConversationWithMessages | null> {
  const { before, limit = 100 } = options;
  const ofMessages = { referencedTable: "messages" };
  const [conversation] = await request(client, options, (database, signal) => {
    const newest = database
      .from("conversations")
      .select("*, messages(*, feedback(*))")
      .eq("id", id)
      .order("position", { ...ofMessages, ascending: false })
      .order("id", { ...ofMessages, ascending: false })
      .limit(rowsFor(limit), ofMessages)
      .abortSignal(signal);
    return before ? newest.or(isBefore("position", before), ofMessages) : newest;
  });
  if (!conversation) return null;
  const { page, next } = pageOf(conversation.messages, limit, "position");
  return { ...conversation, messages: page.reverse(), next };
}

/**
 * Adds a message to a conversation of the caller. The conversation moves to the top of the lists.
 *
 * @param message `role` is `user` by default, `latency_ms` is in milliseconds
 * @returns the stored message
 * @throws DatabaseError `42501` when the caller has no such conversation, `23514` for an empty
 *   `content` and for negative numbers
 *
 * @example
 * const message = await sendMessage(supabase, conversation.id, { content: "Hello!" });
 */
export async function sendMessage(
  client: Client,
  conversationId: string,
  message: Omit<TablesInsert<"messages">, "conversation_id" | "tenant_id" | "role"> & {
    role?: MessageRole;
  },
  options: RequestOptions = {},
): Promise<Message> {
  const row = { role: "user" as const, ...message, conversation_id: conversationId };
  return request(client, options, (database, signal) =>
    database.from("messages").insert(wellFormed(row)).select().abortSignal(signal).single(),
  );
}

/**
 * Moves one of the caller's conversations into the archive. Its `updated_at` stays the same.
 *
 * @returns the archived conversation
 * @throws DatabaseError `PGRST116` when the caller has no such conversation
 *
 * @example
 * await archiveConversation(supabase, conversation.id);
 */
export async function archiveConversation(
  client: Client,
  id: string,
  options: RequestOptions = {},
): Promise<Conversation> {
  return setArchived(client, id, true, options);
}

/**
 * Moves one of the caller's conversations out of the archive. This counts as activity: the
 * conversation moves to the top of the lists.
 *
 * @returns the unarchived conversation
 * @throws DatabaseError `PGRST116` when the caller has no such conversation
 *
 * @example
 * await unarchiveConversation(supabase, conversation.id);
 */
export async function unarchiveConversation(
  client: Client,
  id: string,
  options: RequestOptions = {},
): Promise<Conversation> {
  return setArchived(client, id, false, options);
}

async function setArchived(
  client: Client,
  id: string,
  is_archived: boolean,
  options: RequestOptions,
): Promise<Conversation> {
  return request(client, options, (database, signal) =>
    database
      .from("conversations")
      .update({ is_archived })
      .eq("id", id)
      .select()
      .abortSignal(signal)
      .single(),
  );
}
