import { expect, test } from "vitest";
import { asOwner } from "../support/clients.ts";

test("the vector index is HNSW by cosine, with m = 16 and ef_construction = 64", async () => {
  const [index] = await asOwner()`
    select indexdef from pg_indexes
    where schemaname = 'public' and indexname = 'idx_embeddings_vector'`;
  expect(index?.indexdef).toMatch(/USING hnsw \(embedding (extensions\.)?vector_cosine_ops\)/);
  expect(index?.indexdef).toMatch(/m='?16'?, ef_construction='?64'?/);
});

test.each([
  ["ai_conversations", /btree \(user_id, updated_at/],
  ["ai_conversations", /brin \(created_at\)/],
  ["ai_conversations", /btree \(user_id, model\)/],
  ["embeddings", /btree \(user_id, created_at/],
  ["embeddings", /btree \(owner_id, id\) INCLUDE \(binary_embedding\)/],
  ["embeddings", /brin \(created_at\)/],
  ["embeddings", /gin \(metadata jsonb_path_ops\)/],
  ["ai_usage", /btree \(user_id, created_at\)/],
  ["ai_usage", /btree \(timezone\(.*created_at/],
  ["ai_usage", /btree \(user_id, operation_type, created_at\)/],
  ["ai_usage", /btree \(user_id, model, created_at\)/],
])("%s has an index that matches %s", async (table, definition) => {
  const indexes = await asOwner()`
    select indexdef from pg_indexes where schemaname = 'public' and tablename = ${table}`;
  expect(indexes.map(({ indexdef }) => indexdef)).toContainEqual(expect.stringMatching(definition));
});

test("the search runs without JIT, because compilation takes longer than the query", async () => {
  const [search] = await asOwner()`
    select proconfig from pg_proc where oid = 'private.nearest_embeddings'::regproc`;
  expect(search?.proconfig).toContain("jit=off");
});

test("the functions exist with the promised signatures", async () => {
  const promised = [
    "append_to_ai_conversation(text, jsonb, bigint, numeric)",
    "clear_all_embeddings()",
    "delete_by_metadata(jsonb)",
    "get_usage_stats(uuid, timestamp with time zone, timestamp with time zone)",
    "match_embeddings(vector, double precision, integer, jsonb)",
    "store_embeddings(jsonb)",
    "update_updated_at()",
  ];
  const found = await asOwner()`
    select format('%s(%s)', proname, replace(oidvectortypes(proargtypes), 'extensions.', '')) as name
    from pg_proc
    where pronamespace = 'public'::regnamespace and proname = any (${promised.map(nameOf)})
    order by 1`;
  expect(found.map(({ name }) => name)).toEqual(promised);
});

test("vectors are stored in the row, where an exact search reads them", async () => {
  const [column] = await asOwner()`
    select attstorage from pg_attribute
    where attrelid = 'public.embeddings'::regclass and attname = 'embedding'`;
  expect(column?.attstorage).toBe("p");
});

function nameOf(signature: string): string {
  return signature.slice(0, signature.indexOf("("));
}
