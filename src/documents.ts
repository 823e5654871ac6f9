/** Documents with their vectors, found by what they mean. */
import { callFunction } from "./request/functions.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { JsonObject } from "./schema/columns.js";
import type { Tables } from "./schema/database.js";
import type { Json } from "./schema/database.types.js";
import type { FoundDocument } from "./schema/rows.js";

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
  "embedding" | "binary_embedding" | "owner_id"
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
