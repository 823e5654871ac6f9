/** The assistant platform: what must not compile. Checked by `npm run typecheck`, never run. */
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
  // @ts-expect-error in an insert
  await supabase.from("conversations").insert({ tittle: "Hello" });
  // @ts-expect-error in an insert of many
  await supabase.from("conversations").insert([{ title: "Hello" }, { tittle: "Hello" }]);
  // @ts-expect-error in an upsert
  await supabase.from("feedback").upsert({ message_id: "m", rating: 1, stars: 5 });
  // @ts-expect-error in an update
  await supabase.from("conversations").update({ tittle: "Hello" });
  // @ts-expect-error in a filter
  await supabase.from("conversations").select().eq("tittle", "Hello");
  const { data } = await supabase.from("conversations").select("title").single();
  // @ts-expect-error in a result, of those that were not asked for
  const archived = data?.is_archived;
  const { data: misspelled } = await supabase.from("conversations").select("tittle").single();
  // @ts-expect-error in a result, of those that do not exist
  const title: string | null | undefined = misspelled?.tittle;
  // @ts-expect-error in an insert through a view
  await supabase.from("current_day_usage").insert({ prompt_tokens: 1 });
  // @ts-expect-error in an update through a view
  await supabase.from("current_day_usage").update({ prompt_tokens: 1 });
  return { archived, title };
}

export async function values() {
  // @ts-expect-error of an insert
  await supabase.from("messages").insert({ conversation_id: "c", role: "bot", content: "Hi" });
  // @ts-expect-error of an update
  await supabase.from("users").update({ role: "superuser" });
  // @ts-expect-error of a number
  await supabase.from("feedback").update({ rating: 0 });
  // @ts-expect-error of a filter
  await supabase.from("messages").select().eq("role", "bot");
  // @ts-expect-error of a filter by several values
  await supabase.from("messages").select().in("role", ["user", "bot"]);
  // @ts-expect-error of a result
  const role: "bot" | undefined = (await supabase.from("messages").select().single()).data?.role;
  // @ts-expect-error of a name for them
  const owner: Enums<"users.role"> = "boss";
  return { role, owner };
}

export async function functions() {
  // @ts-expect-error an argument is missing
  await callFunction(supabase, "increment_usage_metrics", { p_tenant_id: "t", p_user_id: "u" });
  // @ts-expect-error one too many
  await callFunction(supabase, "get_monthly_usage_summary", { p_from: "2026-01-01", p_user: "u" });
  // @ts-expect-error misspelled
  await callFunction(supabase, "get_message_feedback_summary", { p_conversation: "c" });
  // @ts-expect-error of another type
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
  // @ts-expect-error no tenant
  await incrementUsage(supabase, { userId: "u", promptTokens: 1, completionTokens: 1, cost: 0 });
}
