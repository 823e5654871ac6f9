/** AI integration: code that must not compile. Checked by `npm run typecheck`, never run. */
import { createClient } from "@supabase/supabase-js";
import {
  appendToAiConversation,
  callFunction,
  type Database,
  deleteDocuments,
  getModelUsage,
  searchDocuments,
  storeDocuments,
} from "../../src/index.ts";

const supabase = createClient<Database>("http://localhost", "key");
const embedding = [1, 2, 3];

export async function columns() {
  // @ts-expect-error an unknown column in an insert
  await supabase.from("embeddings").insert({ content: "Text", vector: embedding });
  // @ts-expect-error an unknown column in an update
  await supabase.from("ai_conversations").update({ tittle: "Draft" });
  // @ts-expect-error an unknown column in a filter
  await supabase.from("ai_usage").select().eq("operation", "chat");
  const { data } = await supabase.from("embeddings").select("id, content").single();
  // @ts-expect-error a column that was not selected
  const metadata = data?.metadata;
  return metadata;
}

export async function values() {
  // @ts-expect-error in an insert: a vector is not an object
  await supabase.from("embeddings").insert({ content: "Text", embedding: { x: 1 } });
  // @ts-expect-error in an update: metadata is an object
  await supabase.from("embeddings").update({ metadata: "faq" });
  // @ts-expect-error in JSON: a message has a role
  await supabase.from("ai_conversations").insert({ messages: [{ content: "Hi" }] });
  // @ts-expect-error in a filter: an id is a text
  await supabase.from("embeddings").select().eq("id", 5);
}

export async function functions() {
  // @ts-expect-error an argument is missing
  await callFunction(supabase, "match_embeddings", { match_count: 5 });
  // @ts-expect-error one argument too many
  await callFunction(supabase, "match_embeddings", { query_embedding: embedding, offset: 5 });
  // @ts-expect-error a misspelled argument
  await callFunction(supabase, "get_usage_stats", { p_from: "2026-01-01" });
  // @ts-expect-error an argument of the wrong type
  await callFunction(supabase, "match_embeddings", { query_embedding: embedding, filter: "faq" });
  // @ts-expect-error an undefined key would be left out, and more rows would be deleted
  await callFunction(supabase, "delete_by_metadata", { filter: { source: undefined } });
}

export async function helpers() {
  // @ts-expect-error a document has a vector
  await storeDocuments(supabase, [{ content: "Text" }]);
  // @ts-expect-error a misspelled option
  await searchDocuments(supabase, embedding, { limit: 5 });
  // @ts-expect-error the filter is missing
  await deleteDocuments(supabase);
  // @ts-expect-error a message has a role
  await appendToAiConversation(supabase, "draft", [{ content: "Hi" }]);
  // @ts-expect-error a time is a text
  await getModelUsage(supabase, { start: new Date() });
}
