/** `callFunction` accepts only a function's own arguments. Checked by `npm run typecheck`. */
import { createClient } from "@supabase/supabase-js";
import { callFunction, type Database } from "../../src/index.ts";

const supabase = createClient<Database>("http://localhost", "key");

export async function calls(signal: AbortSignal) {
  const cost: number = await callFunction(supabase, "get_session_cost", { p_session_id: "s" });
  const [found] = await callFunction(supabase, "match_embeddings", { query_embedding: [1, 2] });
  const similarity: number | undefined = found?.similarity;
  await callFunction(supabase, "get_usage_stats");
  await callFunction(supabase, "get_usage_stats", { p_user_id: undefined }, { signal });
  await callFunction(supabase, "clear_all_embeddings");
  await callFunction(supabase, "clear_all_embeddings", {}, { signal });
  return { cost, similarity };
}

export async function refusals() {
  const wide = { p_session_id: "s", p_limit: 5, p_offset: 5 };
  // @ts-expect-error no such function
  await callFunction(supabase, "get_session_price", { p_session_id: "s" });
  // @ts-expect-error its arguments are missing
  await callFunction(supabase, "get_session_cost");
  // @ts-expect-error a required argument is missing
  await callFunction(supabase, "get_session_cost", {});
  // @ts-expect-error one argument too many
  await callFunction(supabase, "get_session_cost", { p_session_id: "s", p_brand_id: "b" });
  // @ts-expect-error one argument too many, in a variable
  await callFunction(supabase, "get_conversation_history", wide);
  // @ts-expect-error a misspelled required argument
  await callFunction(supabase, "get_session_cost", { p_sesion_id: "s" });
  // @ts-expect-error a misspelled optional argument
  await callFunction(supabase, "get_usage_stats", { p_usr_id: "u" });
  // @ts-expect-error an argument of the wrong type
  await callFunction(supabase, "get_session_cost", { p_session_id: 5 });
  // @ts-expect-error an argument for a function without arguments
  await callFunction(supabase, "clear_all_embeddings", { filter: {} });
  // @ts-expect-error the result is a number
  const cost: string = await callFunction(supabase, "get_session_cost", { p_session_id: "s" });
  return cost;
}
