// What must not compile against the package. Compiled with main.ts, and never run.
import { createClient } from "@supabase/supabase-js";
import { type Database, type Enums, rateMessage, type Tables } from "supabase-ai-schema";

const supabase = createClient<Database>("http://localhost", "key");

// @ts-expect-error no such table
await supabase.from("conversation").select();
// @ts-expect-error no such column
await supabase.from("conversations").insert({ tittle: "Hello" });
// @ts-expect-error no such role
await supabase.from("messages").insert({ conversation_id: "c", role: "bot", content: "Hi" });
// @ts-expect-error no such argument
await supabase.rpc("get_session_cost", { session: "s" });
// @ts-expect-error no such rating
await rateMessage(supabase, "m", 5);
// @ts-expect-error no such state
export const state: Enums<"conversation_sessions.state"> = "done";
// @ts-expect-error no such column
export const title = ({} as Tables<"conversations">).tittle;
