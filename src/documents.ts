/** Documents and their vectors, with vector search. */
import { callFunction } from "./request/functions.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import { wellFormed } from "./request/text.js";
import type { JsonObject } from "./schema/columns.js";
import type { Tables } from "./schema/database.js";
import type { Json } from "./schema/database.types.js";
import type { FoundDocument } from "./schema/rows.js";

/** A text and its vector. */
export interface NewDocument {
  /**
   * 1 to 255 characters, chosen by the caller; a new uuid by default. The document replaces an
   * earlier one of the caller with the same id.
   */
  id?: string;
  /** The text that was embedded. */
  content: string;
  /** {@link EMBEDDING_DIMENSIONS} numbers, not all zero. */
  embedding: number[];
  /** A JSON object, by which searches and deletions can filter; `{}` by default. */
  metadata?: JsonObject;
}

/** `owner_id` of public documents. */
const NIL = "00000000-0000-0000-0000-000000000000";

/** A stored document, with its vector as numbers. */
export type StoredDocument = Omit<
  Tables<"embeddings">,
  "embedding" | "binary_embedding" | "owner_id"
> & {
  embedding: number[];
};

/**
 * Stores documents of the caller, all or none. A document replaces an earlier one of the caller
 * with the same id.
 *
 * @param documents the documents; send at most a few hundred per call
 * @returns the ids, in the order of the documents
 * @throws DatabaseError `22000` for a vector of the wrong length, `22P02` for a vector that
 *   contains something other than numbers, `23514` for a zero vector, for an id that is empty and
 *   for a value above its maximum, `21000` when two of the documents have the same id, `42501` when
 *   the caller is not signed in, as with the secret key
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
  const rows = withIds(documents);
  await callFunction(client, "store_embeddings", { p_documents: rows }, options);
  return rows.map(({ id }) => id);
}

/**
 * Publishes documents, all or none: **every signed-in account can read and find them**. A document
 * replaces an earlier public one with the same id. Requires the secret key.
 *
 * @param documents the documents; send at most a few hundred per call
 * @returns the ids, in the order of the documents
 * @throws DatabaseError the same as {@link storeDocuments}, and `42501` without the secret key
 *
 * @example
 * await publishDocuments(admin, [{ id: "faq-12", content, embedding }]);
 */
export async function publishDocuments(
  client: Client,
  documents: NewDocument[],
  options: RequestOptions = {},
): Promise<string[]> {
  if (documents.length === 0) return [];
  const rows = withIds(documents).map((row) => ({ ...row, user_id: null }));
  await request(client, options, (database, signal) =>
    database.from("embeddings").upsert(wellFormed(rows)).abortSignal(signal),
  );
  return rows.map(({ id }) => id);
}

/** Adds the ids. All rows then have the same columns, which an upsert requires. */
function withIds(documents: NewDocument[]) {
  return documents.map(({ id = crypto.randomUUID(), content, embedding, metadata = {} }) => {
    return { id, content, embedding, metadata };
  });
}

/**
 * Returns the document with an id: the caller's own, or the public one if the caller has none.
 *
 * @param id the document, `embeddings.id`
 * @param options.userId an account, `auth.users.id`: returns only the document of this account.
 *   Pass null to get the public document. Required with the secret key, because the service role
 *   reads the documents of all accounts
 * @returns the document, or null when there is none
 * @throws DatabaseError `42501` when the caller is not signed in
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
  const rows = await request(client, options, (database, signal) => {
    const documents = database
      .from("embeddings")
      .select("id, user_id, content, embedding, metadata, created_at")
      .eq("id", id)
      .limit(2)
      .abortSignal(signal);
    return userId === undefined ? documents : documents.eq("owner_id", userId ?? NIL);
  });
  const row = rows.find(({ user_id }) => user_id !== null) ?? rows[0];
  return row ? { ...row, embedding: JSON.parse(row.embedding) as number[] } : null;
}

/**
 * Returns the documents that are nearest to a vector, best first. It searches the caller's own and
 * the public documents. With the secret key, it searches all documents.
 *
 * @param vector {@link EMBEDDING_DIMENSIONS} numbers, from the same model as the stored vectors
 * @param options.count largest number of results, 1 to 1000; 10 by default
 * @param options.threshold lowest cosine similarity, -1 to 1; -1 by default
 * @param options.filter returns only documents whose metadata contains this object
 * @returns the documents with their similarity. There are fewer than `count` only when fewer match.
 *   An own and a public document may have the same id
 * @throws DatabaseError `22023` for a vector of the wrong length, for a zero vector, and for a
 *   count out of range; `22P02` for a vector that contains something other than numbers
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
 * @param filter a JSON object that is not empty and contains no empty object or array. An empty
 *   filter would match all documents. An empty object or array as a value would match all documents
 *   that have its key
 * @returns the number of deleted documents
 * @throws DatabaseError `22023` for a filter with an empty object or array, `42501` when the caller
 *   is not signed in
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
 * @throws DatabaseError `42501` when the caller is not signed in
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
