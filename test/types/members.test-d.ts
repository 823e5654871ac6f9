/**
 * What the types of members and of backends let each of them write. Checked by `npm run typecheck`,
 * never run.
 */
import { createClient } from "@supabase/supabase-js";
import type {
  Database,
  ServiceDatabase,
  ServiceInsert,
  ServiceUpdate,
  TablesInsert,
  TablesUpdate,
  UniqueKey,
} from "../../src/index.ts";

const asMember = createClient<Database>("http://localhost", "key");
const asService = createClient<ServiceDatabase>("http://localhost", "key");
const message = { conversation_id: "c", role: "user", content: "Hi" } as const;

export async function inserts() {
  await asMember.from("messages").insert(message);
  // @ts-expect-error a member cannot choose the id
  await asMember.from("messages").insert({ ...message, id: "m" });
  // @ts-expect-error a member cannot choose the time
  await asMember.from("messages").insert({ ...message, created_at: "2026-01-01" });
  // @ts-expect-error a member cannot create a tenant
  await asMember.from("tenants").insert({ name: "Acme", slug: "acme" });
  // @ts-expect-error a member cannot write usage
  await asMember.from("usage_metrics").upsert({ user_id: "u", tenant_id: "t" });
  await asService.from("messages").insert({ ...message, id: "m", created_at: "2026-01-01" });
  await asService.from("tenants").insert({ name: "Acme", slug: "acme" });
  // @ts-expect-error the key of the owner is generated, even for a backend
  await asService.from("embeddings").insert({ content: "Text", embedding: [1], owner_id: "o" });
  // @ts-expect-error the signs of a vector are generated, even for a backend
  await asService.from("embeddings").update({ binary_embedding: "0" });
}

export async function updates() {
  await asMember.from("users").update({ name: "Ada" });
  // @ts-expect-error a member cannot change a role
  await asMember.from("users").update({ role: "owner" });
  await asMember.from("tenants").update({ name: "Acme" });
  // @ts-expect-error a member cannot change a limit
  await asMember.from("tenants").update({ daily_token_limit: 5 });
  // @ts-expect-error a member cannot change recorded usage
  await asMember.from("ai_usage").update({ cost: 0 });
  await asService.from("users").update({ role: "owner" });
  await asService.from("tenants").update({ daily_token_limit: 5 });
}

export async function relations() {
  await asMember.from("ai_usage").select();
  // @ts-expect-error members call listMonthlyUsage()
  await asMember.from("monthly_usage_summary").select();
  // @ts-expect-error members call listFeedbackSummaries()
  await asMember.from("message_feedback_summary").select();
  await asService.from("monthly_usage_summary").select();
  await asService.from("message_feedback_summary").select();
}

export async function upserts() {
  const brand: TablesInsert<"brands"> = { name: "Acme", slug: "acme" };
  const onConflict: UniqueKey<"brands"> = "tenant_id,slug";
  await asMember.from("brands").upsert(brand, { onConflict });
  // @ts-expect-error no key has these columns
  const misspelled: UniqueKey<"brands"> = "tenant_id,slugg";
  return misspelled;
}

export function names() {
  // @ts-expect-error a member cannot insert memberships
  const member: TablesInsert<"users"> = { email: "ada@acme.example" };
  const backend: ServiceInsert<"users"> = { email: "ada@acme.example" };
  // @ts-expect-error a member cannot change the role of a message
  const changed: TablesUpdate<"messages"> = { role: "user" };
  const corrected: ServiceUpdate<"messages"> = { role: "user" };
  return { member, backend, changed, corrected };
}
