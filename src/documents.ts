/** Documents and their vectors, with vector search. */
import { callFunction } from "./request/functions.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { JsonObject } from "./schema/columns.js";
import type { Tables } from "./schema/database.js";
import type { Json } from "./schema/database.types.js";
import type { FoundDocument } from "./schema/rows.js";

/** A text and its vector. */
export interface NewDocument {
  /**
   * Chosen by the caller, by default a new uuid. A document of the caller with the same id is
   * replaced.
   */
  id?: string;
  content: string;
  /** {@link EMBEDDING_DIMENSIONS} numbers, not all zero. */
  embedding: number[];
  /** Searches and deletions filter by it. */
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
 * Stores documents of the caller: all or none. Send a few hundred at a time. A document of the
 * caller with the same id is replaced. **With the secret key the documents become public**, because
 * the service role has no documents of its own.
 *
 * @returns the ids, in the order of the documents
 * @throws DatabaseError `22000` for a vector of the wrong length, `22P02` for a vector that
 *   contains something other than numbers, `23514` for a zero vector or an id of more than 255
 *   characters, `21000` when two of the documents have the same id
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
  // Create ids here, because all rows of one request must have the same columns.
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
 * Returns the document with this id: the caller's own or, without one, the public one.
 *
 * @param options.userId returns the document of this account instead, or the public one for null.
 *   Required with the secret key, which reads the documents of all accounts
 * @returns null when there is no such document
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
      // Own documents before public ones, whose owner is the nil uuid. This is the order of the
      // primary key.
      .order("owner_id", { ascending: false })
      .limit(1)
      .abortSignal(signal);
    if (userId === null) return documents.is("user_id", null);
    return userId ? documents.eq("user_id", userId) : documents;
  });
  return row ? { ...row, embedding: JSON.parse(row.embedding) as number[] } : null;
}

/**
 * Returns the documents that are nearest to a vector, best first. Searches the caller's own and the
 * public documents.
 *
 * @param vector {@link EMBEDDING_DIMENSIONS} numbers, from the same model as those of the documents
 * @param options.count largest number of results, 1 to 1000; 10 by default
 * @param options.threshold lowest similarity (cosine, -1 to 1); all by default
 * @param options.filter the metadata must contain this object
 * @returns fewer than `count` documents only when fewer exist. An own and a public document may
 *   have the same id
 * @throws DatabaseError `22023` for a vector of the wrong length, a zero vector, and a count out of
 *   range; `22P02` for a vector that contains something other than numbers
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
 * Deletes the caller's own documents whose metadata contains the filter.
 *
 * @returns the number of deleted documents
 * @throws DatabaseError `22023` for an empty filter, `42501` without a sign-in
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
 * @returns the number of deleted documents
 * @throws DatabaseError `42501` without a sign-in
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
