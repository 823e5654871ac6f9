/** The assistant platform: what its columns hold, and helpers for what a chat application does. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Tables, TablesInsert } from "./database.js";
import type { Json } from "./database.types.js";
import type { FunctionResult } from "./functions.js";
import {
  type ConversationCursor,
  type FeedbackCursor,
  isBefore,
  type MessageCursor,
  pageOf,
  rowsFor,
} from "./pages.js";
import { type RequestOptions, request } from "./request.js";

/** The values of `users.role`: owner and admin manage the tenant, user chats. */
export const userRoles = ["owner", "admin", "user"] as const;
/** What a person is in their tenant: one of {@link userRoles}. */
export type UserRole = (typeof userRoles)[number];

/** The values of `messages.role`. */
export const messageRoles = ["user", "assistant", "system"] as const;
/** Who speaks: one of {@link messageRoles}. */
export type MessageRole = (typeof messageRoles)[number];

/** The values of `feedback.rating`: thumbs down, thumbs up. */
export const feedbackRatings = [-1, 1] as const;
/** Thumbs up, 1, or thumbs down, -1. */
export type FeedbackRating = (typeof feedbackRatings)[number];

/** A JSON object, which is what every `metadata` column holds. */
export type JsonObject = { [key: string]: Json | undefined };

/** `tenants.features`: switches by name; one that is missing is off. */
export type TenantFeatures = {
  streaming?: boolean;
  file_upload?: boolean;
  [feature: string]: boolean | undefined;
};

/** `tenants.branding`: how the tenant's frontend looks. */
export type TenantBranding = {
  /** A CSS colour. */
  primary_color?: string;
  logo_url?: string;
  [key: string]: Json | undefined;
};

/** `users.preferences`: what a person has chosen for themselves. */
export type UserPreferences = {
  theme?: "light" | "dark" | "system";
  /** A BCP 47 tag, e.g. `de-AT`. */
  locale?: string;
  [key: string]: Json | undefined;
};

/** The columns whose generated type is wider than what the database accepts. */
export type AssistantColumns = {
  tenants: { features: TenantFeatures; branding: TenantBranding };
  users: { role: UserRole; preferences: UserPreferences };
  conversations: { metadata: JsonObject };
  messages: { role: MessageRole; metadata: JsonObject };
  feedback: { rating: FeedbackRating };
};

type Client = SupabaseClient<Database>;

/** A customer of the platform, with its settings and limits. */
export type Tenant = Tables<"tenants">;
/** A person in a tenant: a row of `users`, which may be there before they have signed up. */
export type Membership = Tables<"users">;
/** A conversation of a person, which the tenant's members may read. */
export type Conversation = Tables<"conversations">;
/** What was said in a conversation; `latency_ms` and `token_count` where somebody measured. */
export type Message = Tables<"messages">;
/** What one member thinks of one message. */
export type Feedback = Tables<"feedback">;
/** What members of the tenant think of a message: how many rated it, how, and when last. */
export type FeedbackSummary = FunctionResult<"get_message_feedback_summary">[number];

/**
 * Starts a conversation of the caller.
 *
 * @throws DatabaseError `42501` for somebody who is no active member
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
  return request(options, (signal) =>
    client.from("conversations").insert(row).select().abortSignal(signal).single(),
  );
}

/**
 * One page of the tenant's conversations, the one that was last active first. Stable: conversations
 * that are started or go on between two pages shift nothing.
 *
 * @param options.after where to go on: the `next` of the page before
 * @param options.limit conversations a page, 1 to 999
 * @param options.userId of this person alone, a `users.id`
 * @param options.search with this in the title, in any case; `*` stands for any text. It looks at titles
 *   only, not at what was said
 * @param options.archived those in the archive, in place of those that are not
 * @returns the page, and the cursor of the next one, or null when there is none
 * @throws DatabaseError `22023` for another limit
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
  const found = await request(options, (signal) => {
    const newest = client
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

/** A message with what members of the tenant think of it. */
export type RatedMessage = Message & { feedback: Feedback[] };

/** A conversation with one page of its messages, oldest first. */
export type OpenedConversation = Conversation & {
  messages: RatedMessage[];
  /** Where the page before this one ends, or null when there is none. */
  next: MessageCursor | null;
};

/**
 * A conversation with its newest messages and their ratings, in one round trip; older messages page
 * by page. Stable: messages that arrive between two pages shift nothing.
 *
 * @param options.before where to go on: the `next` of the page before
 * @param options.limit messages a page, 1 to 999
 * @returns null when the caller's tenant has no such conversation
 * @throws DatabaseError `22023` for another limit
 *
 * @example
 * const conversation = await openConversation(supabase, id);
 * const older = await openConversation(supabase, id, { before: conversation?.next });
 */
export async function openConversation(
  client: Client,
  id: string,
  options: RequestOptions & {
    before?: MessageCursor | null | undefined;
    limit?: number | undefined;
  } = {},
): Promise<OpenedConversation | null> {
  const { before, limit = 100 } = options;
  const ofMessages = { referencedTable: "messages" };
  const [conversation] = await request(options, (signal) => {
    const newest = client
      .from("conversations")
      .select("*, messages(*, feedback(*))")
      .eq("id", id)
      .order("created_at", { ...ofMessages, ascending: false })
      .order("id", { ...ofMessages, ascending: false })
      .limit(rowsFor(limit), ofMessages)
      .abortSignal(signal);
    return before ? newest.or(isBefore("created_at", before), ofMessages) : newest;
  });
  if (!conversation) return null;
  const { page, next } = pageOf(conversation.messages, limit, "created_at");
  return { ...conversation, messages: page.reverse(), next };
}

/**
 * Adds a message to one of the caller's conversations, which moves it to the top of the lists.
 *
 * @param message its `role` is `user` unless it says otherwise
 * @throws DatabaseError `42501` when the caller has no such conversation, `23514` when it is empty
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
  return request(options, (signal) =>
    client.from("messages").insert(row).select().abortSignal(signal).single(),
  );
}

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
 * const { summaries } = await getFeedbackSummary(supabase, { conversationId: conversation.id });
 */
export async function getFeedbackSummary(
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

/**
 * Moves one of the caller's conversations into the archive, or takes it back out, which counts as a
 * sign of life.
 *
 * @throws DatabaseError `PGRST116` when the caller has no such conversation
 *
 * @example
 * await archiveConversation(supabase, conversation.id);
 * await archiveConversation(supabase, conversation.id, false);
 */
export async function archiveConversation(
  client: Client,
  id: string,
  isArchived = true,
  options: RequestOptions = {},
): Promise<Conversation> {
  return request(options, (signal) =>
    client
      .from("conversations")
      .update({ is_archived: isArchived })
      .eq("id", id)
      .select()
      .abortSignal(signal)
      .single(),
  );
}
