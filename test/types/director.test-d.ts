/** The creative director: what must not compile. Checked by `npm run typecheck`, never run. */
import { createClient } from "@supabase/supabase-js";
import {
  appendSessionMessage,
  callFunction,
  completeSession,
  createSession,
  type Database,
  type Enums,
  getSessionHistory,
  listSessionMessages,
} from "../../src/index.ts";

const supabase = createClient<Database>("http://localhost", "key");

export async function columns() {
  // @ts-expect-error in an insert
  await supabase.from("conversation_sessions").insert({ brand_id: "b", status: "initial" });
  // @ts-expect-error in an update
  await supabase.from("brands").update({ nmae: "Acme" });
  // @ts-expect-error in a filter
  await supabase.from("conversation_messages").select().eq("session", "s");
  const { data } = await supabase.from("conversation_sessions").select("state").single();
  // @ts-expect-error in a result
  const brand = data?.brand_id;
  // @ts-expect-error in a result of a view
  const model = (await supabase.from("provider_usage_stats").select().single()).data?.model;
  // @ts-expect-error in an insert through a view
  await supabase.from("daily_message_volume").insert({ message_count: 1 });
  return { brand, model };
}

export async function values() {
  // @ts-expect-error of an insert
  await supabase.from("conversation_sessions").insert({ brand_id: "b", state: "done" });
  // @ts-expect-error of an update
  await supabase.from("conversation_messages").update({ role: "agent" });
  // @ts-expect-error of a filter
  await supabase.from("conversation_sessions").select().eq("state", "done");
  // @ts-expect-error of a name for them
  const state: Enums<"conversation_sessions.state"> = "done";
  // @ts-expect-error of JSON: a question has a text
  await supabase.from("conversation_sessions").update({ pending_questions: [{ id: "q" }] });
  return state;
}

export async function functions() {
  // @ts-expect-error an argument is missing
  await callFunction(supabase, "complete_conversation_session");
  // @ts-expect-error one too many
  await callFunction(supabase, "cancel_conversation_session", { p_session_id: "s", reason: "x" });
  // @ts-expect-error misspelled
  await callFunction(supabase, "get_session_message_stats", { p_session: "s" });
  // @ts-expect-error of another type
  await callFunction(supabase, "get_conversation_history", { p_session_id: "s", p_limit: "20" });
}

export async function helpers() {
  // @ts-expect-error an intent is an object
  await createSession(supabase, "b", "a launch film");
  // @ts-expect-error a role that does not exist
  await appendSessionMessage(supabase, "s", { role: "agent", content: "Hi" });
  // @ts-expect-error what the session decides
  await appendSessionMessage(supabase, "s", { role: "user", content: "Hi", brand_id: "b" });
  // @ts-expect-error a cursor is no offset
  await listSessionMessages(supabase, "s", { before: 20 });
  // @ts-expect-error a misspelled option
  await getSessionHistory(supabase, "s", { count: 20 });
  // @ts-expect-error no session
  await completeSession(supabase);
}
