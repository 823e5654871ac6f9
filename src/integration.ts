/** The AI integration: what its columns hold, and helpers for documents, chats and usage. */
import type { SupabaseClient } from "@supabase/supabase-js";
import type { JsonObject } from "./assistant.js";
import type { Database, Tables } from "./database.js";
import type { Json } from "./database.types.js";
import { callFunction, type FunctionResult } from "./functions.js";
import { type RequestOptions, request } from "./request.js";

/** How many numbers a vector has. */
export const EMBEDDING_DIMENSIONS = 1536;

/** An element of `ai_conversations.messages`: by convention, which the database does not check. */
export type ChatMessage = {
  role: string;
  /** A text, or whatever the model's API takes for one: parts, or null beside tool calls. */
  content?: Json;
  [key: string]: Json | undefined;
};

/** The columns whose generated type is wider than what they hold. */
export type IntegrationColumns = {
  ai_conversations: { messages: ChatMessage[] };
  embeddings: { metadata: JsonObject; embedding_signs: string };
};

/** The columns whose generated type is narrower than what an insert or update accepts. */
export type IntegrationInputs = {
  embeddings: { embedding: number[] | string };
};

/** The arguments and results of functions that a type generator cannot see through. */
export type IntegrationFunctions = {
  append_to_ai_conversation: { Args: { p_messages: ChatMessage[] } };
  delete_by_metadata: { Args: { filter: Record<string, Json> } };
  get_usage_stats: {
    /** Null where nobody measured. */
    Row: { average_latency_ms: number | null; p95_latency_ms: number | null };
  };
  match_embeddings: {
    Args: { query_embedding: number[] | string; filter: JsonObject };
    Row: { metadata: JsonObject };
  };
};

type Client = SupabaseClient<Database>;

/** A chat with all its messages, as one document. */
export type AiConversation = Tables<"ai_conversations">;
/** A text with its vector, as the table holds it. */
export type Embedding = Tables<"embeddings">;
/** What one call to a model took. */
export type AiUsage = Tables<"ai_usage">;

/** A text with the vector that stands for it. */
export interface NewDocument {
  /** Chosen by the caller; an id that they have used before is replaced. A new uuid if absent. */
  id?: string;
  content: string;
  /** {@link EMBEDDING_DIMENSIONS} numbers, not all zero. */
  embedding: number[];
  /** What searches and deletions filter by. */
  metadata?: JsonObject;
}

/** A stored document, with its vector as numbers. */
export type StoredDocument = Omit<
  Tables<"embeddings">,
  "embedding" | "embedding_signs" | "owner_id"
> & {
  embedding: number[];
};

/**
 * Stores documents of the caller, all or none; some hundred at a time. A document of theirs that has
 * the same id is replaced. **With the secret key they become public**: the service role has none of
 * its own.
 *
 * @returns their ids, in the order of the documents
 * @throws DatabaseError `22000` for a vector of another length, `22P02` for one that is not all
 *   numbers, `23514` for one of zeros or an id of more than 255 characters, `21000` when two of the
 *   documents have the same id
 *
 * @example
 * const content = "Refunds take 14 days.";
 * const embedding = await yourModel(content);
 * await storeDocuments(supabase, [{ content, embedding, metadata: { source: "faq" } }]);
 */
export async function storeDocuments(
  client: Client,
  documents: NewDocument[],
  options: RequestOptions = {},
): Promise<string[]> {
  if (documents.length === 0) return [];
  // Ids are made here, because one request cannot leave some out and name others.
  const rows = documents.map(({ id = crypto.randomUUID(), content, embedding, metadata = {} }) => ({
    id,
    content,
    embedding,
    metadata,
  }));
  await request(options, (signal) => client.from("embeddings").upsert(rows).abortSignal(signal));
  return rows.map(({ id }) => id);
}

/**
 * The document with this id: the caller's own or, when they have none, the public one.
 *
 * @param options.userId whose instead; null for the public one. The service role, which sees
 *   everybody's, has to say
 * @returns null when there is none
 * @throws DatabaseError
 *
 * @example
 * const document = await getDocument(supabase, "faq-12");
 */
export async function getDocument(
  client: Client,
  id: string,
  options: RequestOptions & { userId?: string | null | undefined } = {},
): Promise<StoredDocument | null> {
  const { userId } = options;
  const [row] = await request(options, (signal) => {
    const documents = client
      .from("embeddings")
      .select("id, user_id, content, embedding, metadata, created_at")
      .eq("id", id)
      // Own before public ones, which the nil uuid stands for; in the order of the primary key.
      .order("owner_id", { ascending: false })
      .limit(1)
      .abortSignal(signal);
    if (userId === null) return documents.is("user_id", null);
    return userId ? documents.eq("user_id", userId) : documents;
  });
  return row ? { ...row, embedding: JSON.parse(row.embedding) as number[] } : null;
}

/** A document found by {@link searchDocuments}. */
export type FoundDocument = FunctionResult<"match_embeddings">[number];

/**
 * The documents nearest to a vector, best first, among the caller's own and the public ones.
 *
 * @param vector {@link EMBEDDING_DIMENSIONS} numbers, from the model that made the documents' own
 * @param options.count how many at most, 1 to 1000; 10 by default
 * @param options.threshold the least similarity (cosine, -1 to 1); all by default
 * @param options.filter what the metadata must contain
 * @returns the nearest; fewer than `count` only when fewer exist. An own and a public document may
 *   have the same id
 * @throws DatabaseError `22023` for a vector of another length or of zeros, and for a bad count;
 *   `22P02` for one that is not all numbers
 *
 * @example
 * const [best] = await searchDocuments(supabase, vector, { filter: { source: "faq" } });
 */
export async function searchDocuments(
  client: Client,
  vector: number[],
  options: RequestOptions & {
    count?: number | undefined;
    threshold?: number | undefined;
    filter?: JsonObject | undefined;
  } = {},
): Promise<FoundDocument[]> {
  const { count, threshold, filter } = options;
  const args = {
    query_embedding: vector,
    match_count: count,
    match_threshold: threshold,
    filter,
  };
  return callFunction(client, "match_embeddings", args, options);
}

/**
 * Deletes those of the caller's own documents whose metadata contains the filter.
 *
 * @returns how many
 * @throws DatabaseError `22023` for an empty filter, `42501` without a signed-in user
 *
 * @example
 * await deleteDocuments(supabase, { source: "faq" });
 */
export async function deleteDocuments(
  client: Client,
  filter: Record<string, Json>,
  options: RequestOptions = {},
): Promise<number> {
  return callFunction(client, "delete_by_metadata", { filter }, options);
}

/**
 * Deletes all of the caller's own documents.
 *
 * @returns how many
 * @throws DatabaseError `42501` without a signed-in user
 *
 * @example
 * await clearDocuments(supabase);
 */
export async function clearDocuments(
  client: Client,
  options: RequestOptions = {},
): Promise<number> {
  return callFunction(client, "clear_all_embeddings", {}, options);
}

/**
 * Adds messages to a chat of the caller, in one step: two who append at once both get in. A chat is
 * started by an insert into `ai_conversations`. A backend appends with the user's token: the service
 * role has no chats of its own.
 *
 * @param usage tokens, and cost in US dollars, that the messages add to the chat's totals
 * @returns the whole chat
 * @throws DatabaseError `P0002` when the caller has no such chat, `22023` for negative numbers, `42501`
 *   without a sign-in
 *
 * @example
 * const chat = await appendToChat(supabase, "draft", [{ role: "user", content: "Shorter!" }]);
 */
export async function appendToChat(
  client: Client,
  id: string,
  messages: ChatMessage[],
  usage: { tokens?: number | undefined; cost?: number | undefined } = {},
  options: RequestOptions = {},
): Promise<AiConversation> {
  const { tokens: p_tokens, cost: p_cost } = usage;
  const args = { p_id: id, p_messages: messages, p_tokens, p_cost };
  return callFunction(client, "append_to_ai_conversation", args, options);
}

/** What one kind of call to one model took; cost in US dollars, latencies in milliseconds. */
export type UsageStats = FunctionResult<"get_usage_stats">[number];

/**
 * The caller's calls to models, by operation type and model.
 *
 * @param options.start from then on; ISO 8601
 * @param options.end up to, but not including, then; ISO 8601
 * @param options.userId whose calls: for the service role, which has to say. Anybody else gets those
 *   of another user as if there were none
 * @returns one element for each operation type and model
 * @throws DatabaseError `22023` when the period ends before it starts
 *
 * @example
 * const stats = await getUsageStats(supabase, { start: "2026-01-01", end: "2026-02-01" });
 */
export async function getUsageStats(
  client: Client,
  options: RequestOptions & {
    start?: string | undefined;
    end?: string | undefined;
    userId?: string | undefined;
  } = {},
): Promise<UsageStats[]> {
  const { start: p_start, end: p_end, userId: p_user_id } = options;
  const args = { p_user_id, p_start, p_end };
  return callFunction(client, "get_usage_stats", args, options);
}
