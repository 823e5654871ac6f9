/** Assistant platform: code that must not compile. Checked by `npm run typecheck`, never run. */
import { createClient } from "@supabase/supabase-js";
import {
  callFunction,
  createConversation,
  type Database,
  type Enums,
  getConversation,
  incrementUsage,
  listConversations,
  listFeedbackSummaries,
  rateMessage,
  sendMessage,
} from "../../src/index.ts";

const supabase = createClient<Database>("http://localhost", "key");

export async function columns() {
  // @ts-expect-error an unknown column in an insert
  await supabase.from("conversations").insert({ tittle: "Hello" });
  // @ts-expect-error an unknown column in an insert of several rows
  await supabase.from("conversations").insert([{ title: "Hello" }, { tittle: "Hello" }]);
  // @ts-expect-error an unknown column in an upsert
  await supabase.from("feedback").upsert({ message_id: "m", rating: 1, stars: 5 });
  // @ts-expect-error an unknown column in an update
  await supabase.from("conversations").update({ tittle: "Hello" });
  // @ts-expect-error an unknown column in a filter
  await supabase.from("conversations").select().eq("tittle", "Hello");
  const { data } = await supabase.from("conversations").select("title").single();
  // @ts-expect-error a column that was not selected
  const archived = data?.is_archived;
  const { data: misspelled } = await supabase.from("conversations").select("tittle").single();
  // @ts-expect-error an unknown column in a result
  const title: string | null | undefined = misspelled?.tittle;
  // @ts-expect-error an insert into a view
  await supabase.from("current_day_usage").insert({ prompt_tokens: 1 });
  // @ts-expect-error an update of a view
  await supabase.from("current_day_usage").update({ prompt_tokens: 1 });
  return { archived, title };
}

export async function values() {
  // @ts-expect-error a value that the check does not allow in an insert
  await supabase.from("messages").insert({ conversation_id: "c", role: "bot", content: "Hi" });
  // @ts-expect-error a value that the check does not allow in an update
  await supabase.from("users").update({ role: "superuser" });
  // @ts-expect-error a number that the check does not allow
  await supabase.from("feedback").update({ rating: 0 });
  // @ts-expect-error a value that the check does not allow in a filter
  await supabase.from("messages").select().eq("role", "bot");
  // @ts-expect-error a value in a list that the check does not allow
  await supabase.from("messages").select().in("role", ["user", "bot"]);
  // @ts-expect-error a result never has this value
  const role: "bot" | undefined = (await supabase.from("messages").select().single()).data?.role;
  // @ts-expect-error a value that the named type does not have
  const owner: Enums<"users.role"> = "boss";
  return { role, owner };
}

export async function functions() {
  // @ts-expect-error an argument is missing
  await callFunction(supabase, "increment_usage_metrics", { p_tenant_id: "t", p_user_id: "u" });
  // @ts-expect-error one argument too many
  await callFunction(supabase, "get_monthly_usage_summary", { p_from: "2026-01-01", p_user: "u" });
  // @ts-expect-error a misspelled argument
  await callFunction(supabase, "get_message_feedback_summary", { p_conversation: "c" });
  // @ts-expect-error an argument of the wrong type
  await callFunction(supabase, "get_monthly_usage_summary", { p_from: new Date() });
}

export async function helpers() {
  // @ts-expect-error a column that the caller does not choose
  await createConversation(supabase, { is_archived: true });
  // @ts-expect-error a misspelled option
  await listConversations(supabase, { serach: "holiday" });
  // @ts-expect-error a cursor of other rows
  await getConversation(supabase, "c", { before: { updated_at: "2026-01-01", id: "c" } });
  // @ts-expect-error a role that does not exist
  await sendMessage(supabase, "c", { role: "bot", content: "Hi" });
  // @ts-expect-error a rating that does not exist
  await rateMessage(supabase, "m", 5);
  // @ts-expect-error a misspelled option
  await listFeedbackSummaries(supabase, { conversation: "c" });
  // @ts-expect-error the tenant is missing
  await incrementUsage(supabase, { userId: "u", promptTokens: 1, completionTokens: 1, cost: 0 });
}
