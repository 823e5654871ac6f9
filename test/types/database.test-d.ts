/** Code that must compile, and code that must not. Checked by `npm run typecheck`, never run. */
import { createClient } from "@supabase/supabase-js";
import {
  type Database,
  type Enums,
  getConversation,
  listConversations,
  rateMessage,
  sendMessage,
  type Tables,
  type TablesInsert,
  type TablesUpdate,
} from "../../src/index.ts";

const supabase = createClient<Database>("http://localhost", "key");

export async function inserts() {
  await supabase.from("conversations").insert({ title: "The key is optional" });
  await supabase.from("messages").insert({ conversation_id: "c", role: "user", content: "Hi" });
  // @ts-expect-error a role that the check does not allow
  await supabase.from("messages").insert({ conversation_id: "c", role: "bot", content: "Hi" });
  // @ts-expect-error a column that does not exist
  await supabase.from("messages").insert({ conversation: "c", role: "user", content: "Hi" });
  // @ts-expect-error content is required
  await supabase.from("messages").insert({ conversation_id: "c", role: "user" });
  await supabase.from("feedback").insert({ message_id: "m", rating: 1 });
  // @ts-expect-error a rating is up or down
  await supabase.from("feedback").insert({ message_id: "m", rating: 5 });
}

export async function rows() {
  const { data } = await supabase.from("messages").select("role, metadata").single();
  const role: "user" | "assistant" | "system" | undefined = data?.role;
  const metadata: object | undefined = data?.metadata;
  const tenant = {} as Tables<"tenants">;
  const streaming: boolean | undefined = tenant.features.streaming;
  const color: string | undefined = tenant.branding.primary_color;
  // @ts-expect-error preferences have three themes
  const update: TablesUpdate<"users"> = { preferences: { theme: "pink" } };
  const insert: TablesInsert<"messages"> = { conversation_id: "c", role: "user", content: "Hi" };
  return { role, metadata, streaming, color, update, insert };
}

export async function vectors() {
  const embedding = [1, 2, 3];
  await supabase.from("embeddings").insert({ content: "Numbers", embedding });
  await supabase.from("embeddings").update({ embedding: "[1,2,3]" });
  // @ts-expect-error a vector is not an object
  await supabase.from("embeddings").insert({ content: "Object", embedding: { x: 1 } });
  // @ts-expect-error owner_id is generated
  await supabase.from("embeddings").insert({ content: "Owner", embedding, owner_id: "x" });
  // @ts-expect-error metadata is an object
  await supabase.from("embeddings").insert({ content: "Text", embedding, metadata: "x" });
  const { data } = await supabase.rpc("match_embeddings", { query_embedding: embedding });
  const source = data?.[0]?.metadata.source;
  // @ts-expect-error a filter is an object
  await supabase.rpc("match_embeddings", { query_embedding: embedding, filter: "x" });
  // @ts-expect-error a filter is required
  await supabase.rpc("delete_by_metadata", {});
  const stats = await supabase.rpc("get_usage_stats");
  const latency: number | null | undefined = stats.data?.[0]?.average_latency_ms;
  // @ts-expect-error a message has a role
  await supabase.from("ai_conversations").insert({ messages: [{ content: "Hi" }] });
  // @ts-expect-error an undefined key would be left out, and more rows would be deleted
  await supabase.rpc("delete_by_metadata", { filter: { source: undefined } });
  return { source, latency };
}

export async function calls() {
  await supabase.rpc("get_message_feedback_summary");
  await supabase.rpc("get_monthly_usage_summary", { p_from: "2026-01-01" });
  // @ts-expect-error an argument that the function does not have
  await supabase.rpc("get_monthly_usage_summary", { from: "2026-01-01" });
  // @ts-expect-error a function that does not exist
  await supabase.rpc("drop_everything");
}

export async function helpers(signal: AbortSignal) {
  const { conversations, next } = await listConversations(supabase, { limit: 5, signal });
  const title: string | null | undefined = conversations[0]?.title;
  await listConversations(supabase, { after: next });
  // @ts-expect-error a cursor is not an offset
  await listConversations(supabase, { after: 20 });
  // @ts-expect-error the client cannot choose the tenant of a message
  await sendMessage(supabase, "c", { content: "Hi", tenant_id: "t" });
  // @ts-expect-error a rating is up or down
  await rateMessage(supabase, "m", 0);
  const opened = await getConversation(supabase, "c");
  // @ts-expect-error the conversation may be null
  const messages = opened.messages;
  const rating: 1 | -1 | undefined = opened?.messages[0]?.feedback[0]?.rating;
  return { title, messages, rating };
}

export function names() {
  const roles: Enums<"users.role">[] = ["owner", "admin", "user"];
  const state: Enums<"conversation_sessions.state"> = "planning";
  const rating: Enums<"feedback.rating"> = -1;
  // @ts-expect-error a column that no check restricts
  type Title = Enums<"conversations.title">;
  const today = {} as Tables<"current_day_usage">;
  const tokens: number = today.total_tokens;
  return { roles, state, rating, tokens, none: undefined as Title | undefined };
}
