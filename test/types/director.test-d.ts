/** Creative director: code that must not compile. Checked by `npm run typecheck`, never run. */
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
  // @ts-expect-error an unknown column in an insert
  await supabase.from("conversation_sessions").insert({ brand_id: "b", status: "initial" });
  // @ts-expect-error an unknown column in an update
  await supabase.from("brands").update({ nmae: "Acme" });
  // @ts-expect-error an unknown column in a filter
  await supabase.from("conversation_messages").select().eq("session", "s");
  const { data } = await supabase.from("conversation_sessions").select("state").single();
  // @ts-expect-error a column that was not selected
  const brand = data?.brand_id;
  // @ts-expect-error an unknown column in a result of a view
  const model = (await supabase.from("provider_usage_stats").select().single()).data?.model;
  // @ts-expect-error an insert into a view
  await supabase.from("daily_message_volume").insert({ message_count: 1 });
  return { brand, model };
}

export async function values() {
  // @ts-expect-error a value that the check does not allow in an insert
  await supabase.from("conversation_sessions").insert({ brand_id: "b", state: "done" });
  // @ts-expect-error a value that the check does not allow in an update
  await supabase.from("conversation_messages").update({ role: "agent" });
  // @ts-expect-error a value that the check does not allow in a filter
  await supabase.from("conversation_sessions").select().eq("state", "done");
  // @ts-expect-error a value that the named type does not have
  const state: Enums<"conversation_sessions.state"> = "done";
  // @ts-expect-error in JSON: a question has a text
  await supabase.from("conversation_sessions").update({ pending_questions: [{ id: "q" }] });
  return state;
}

export async function functions() {
  // @ts-expect-error an argument is missing
  await callFunction(supabase, "complete_conversation_session");
  // @ts-expect-error one argument too many
  await callFunction(supabase, "cancel_conversation_session", { p_session_id: "s", reason: "x" });
  // @ts-expect-error a misspelled argument
  await callFunction(supabase, "get_session_message_stats", { p_session: "s" });
  // @ts-expect-error an argument of the wrong type
  await callFunction(supabase, "get_conversation_history", { p_session_id: "s", p_limit: "20" });
}

export async function helpers() {
  // @ts-expect-error an intent is an object
  await createSession(supabase, "b", "a launch film");
  // @ts-expect-error a role that does not exist
  await appendSessionMessage(supabase, "s", { role: "agent", content: "Hi" });
  // @ts-expect-error the session sets the brand
  await appendSessionMessage(supabase, "s", { role: "user", content: "Hi", brand_id: "b" });
  // @ts-expect-error a cursor is not an offset
  await listSessionMessages(supabase, "s", { before: 20 });
  // @ts-expect-error a misspelled option
  await getSessionHistory(supabase, "s", { count: 20 });
  // @ts-expect-error the session is missing
  await completeSession(supabase);
}
