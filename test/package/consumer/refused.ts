// Code that must not compile against the package. Compiled with main.ts, never run.
import { createClient } from "@supabase/supabase-js";
import {
  callFunction,
  type Database,
  type Enums,
  listConversations,
  rateMessage,
  searchDocuments,
  type Tables,
} from "supabase-ai-schema";

type OtherDatabase = {
  public: {
    Tables: { todos: Record<"Row" | "Insert" | "Update", { id: number }> & { Relationships: [] } };
    Views: Record<never, never>;
    Functions: Record<never, never>;
  };
};

const supabase = createClient<Database>("http://localhost", "key");

// @ts-expect-error no such table
await supabase.from("conversation").select();
// @ts-expect-error no such column
await supabase.from("conversations").insert({ tittle: "Hello" });
// @ts-expect-error no such column
await supabase.from("conversation_sessions").update({ status: "planning" });
// @ts-expect-error no such column
await supabase.from("embeddings").select().eq("owner", "o");
// @ts-expect-error a column that is not selected
(await supabase.from("ai_usage").select("model, cost").single()).data?.operation_type;
// @ts-expect-error a view cannot be written
await supabase.from("current_day_usage").insert({ prompt_tokens: 1 });
// @ts-expect-error a member cannot write this column
await supabase.from("messages").update({ created_at: "2026-01-01" });
// @ts-expect-error only a backend can read this view
await supabase.from("monthly_usage_summary").select();
// @ts-expect-error no such role
await supabase.from("messages").select().eq("role", "bot");
// @ts-expect-error no such role
await supabase.from("messages").insert({ conversation_id: "c", role: "bot", content: "Hi" });
// @ts-expect-error no such argument
await supabase.rpc("get_session_cost", { session: "s" });
// @ts-expect-error an argument is missing
await callFunction(supabase, "get_session_cost");
// @ts-expect-error one argument too many
await callFunction(supabase, "get_session_cost", { p_session_id: "s", p_brand_id: "b" });
// @ts-expect-error a misspelled argument
await callFunction(supabase, "get_usage_stats", { p_strat: "2026-01-01" });
// @ts-expect-error an argument of the wrong type
await callFunction(supabase, "match_embeddings", { query_embedding: { x: 1 } });
// @ts-expect-error a client for another schema
await listConversations(createClient<OtherDatabase>("http://localhost", "key"));
// @ts-expect-error no such option
await searchDocuments(supabase, [1, 2, 3], { limit: 5 });
// @ts-expect-error no such rating
await rateMessage(supabase, "m", 5);
// @ts-expect-error no such state
export const state: Enums<"conversation_sessions.state"> = "done";
// @ts-expect-error no such column
export const title = ({} as Tables<"conversations">).tittle;
