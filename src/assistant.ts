/** The assistant platform: what its columns hold, and helpers for what a chat application does. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { Database, Tables, TablesInsert } from "./database.js";
import type { Json } from "./database.types.js";
import { type ConversationCursor, isBefore, type MessageCursor, pageOf } from "./pages.js";
import { type RequestOptions, request } from "./request.js";

/** The values of `users.role`: owner and admin manage the tenant, user chats. */
export const userRoles = ["owner", "admin", "user"] as const;
export type UserRole = (typeof userRoles)[number];

/** The values of `messages.role`. */
export const messageRoles = ["user", "assistant", "system"] as const;
export type MessageRole = (typeof messageRoles)[number];

/** The values of `feedback.rating`: thumbs down, thumbs up. */
export const feedbackRatings = [-1, 1] as const;
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
type Functions = Database["public"]["Functions"];

/** A customer of the platform, with its settings and limits. */
export type Tenant = Tables<"tenants">;
/** A person in a tenant: a row of `users`, which may be there before they have signed up. */
export type Membership = Tables<"users">;
export type Conversation = Tables<"conversations">;
export type Message = Tables<"messages">;
export type Feedback = Tables<"feedback">;
/** What a person used on a day (UTC); cost in US dollars. */
export type UsageMetrics = Tables<"usage_metrics">;
/** What a person used in a month (UTC); cost in US dollars. */
export type MonthlyUsage = Functions["get_monthly_usage_summary"]["Returns"][number];

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
 * @param options.limit conversations a page, 1 to 1000
 * @param options.userId of this person alone, a `users.id`
 * @param options.search with this in the title, in any case; `*` stands for any text
 * @param options.archived those in the archive, in place of those that are not
 * @returns the page, and the cursor of the next one, or null when there is none
 * @throws DatabaseError
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
      .limit(limit + 1)
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
 * @param options.limit messages a page, 1 to 1000
 * @returns null when the caller's tenant has no such conversation
 * @throws DatabaseError
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
      .limit(limit + 1, ofMessages)
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

/**
 * What was used today (UTC) so far: by the caller or, for owners and admins, by each member.
 *
 * @returns one row a person who used anything
 * @throws DatabaseError
 *
 * @example
 * const [mine] = await getUsageToday(supabase);
 */
export async function getUsageToday(
  client: Client,
  options: RequestOptions = {},
): Promise<UsageMetrics[]> {
  return request(options, (signal) =>
    client.from("current_day_usage").select().order("user_id").abortSignal(signal),
  );
}

/**
 * What was used on each day: by the caller or, for owners and admins, by each member.
 *
 * @param options.from the first day, `YYYY-MM-DD` (UTC)
 * @param options.to the last day
 * @param options.userId by this person alone, a `users.id`
 * @returns one row a day and person, the oldest first; at most 1000
 * @throws DatabaseError `22007` for what is no day
 *
 * @example
 * const days = await getUsageByDay(supabase, { from: "2026-01-01", to: "2026-01-31" });
 */
export async function getUsageByDay(
  client: Client,
  options: RequestOptions & {
    from?: string | undefined;
    to?: string | undefined;
    userId?: string | undefined;
  } = {},
): Promise<UsageMetrics[]> {
  const { from, to, userId } = options;
  return request(options, (signal) => {
    const days = client.from("usage_metrics").select().order("date").order("user_id");
    if (from) days.gte("date", from);
    if (to) days.lte("date", to);
    if (userId) days.eq("user_id", userId);
    return days.abortSignal(signal);
  });
}

/**
 * What was used in each month, never stale: by the caller or, for owners and admins, by each member.
 *
 * @param options.from a day of the first month, `YYYY-MM-DD` (UTC)
 * @param options.to a day of the last month
 * @throws DatabaseError `22023` when the period ends before it starts
 *
 * @example
 * const [thisMonth] = await getUsageByMonth(supabase, { from: "2026-01-01" });
 */
export async function getUsageByMonth(
  client: Client,
  options: RequestOptions & { from?: string | undefined; to?: string | undefined } = {},
): Promise<MonthlyUsage[]> {
  const args = { p_from: options.from, p_to: options.to };
  return request(options, (signal) =>
    client.rpc("get_monthly_usage_summary", args).abortSignal(signal),
  );
}
