/**
 * Wrong code that compiles, because the types of supabase-js accept it. docs/types.md lists it.
 * If a line fails after an upgrade, the new version checks more. Then remove the line here and in
 * docs/types.md, and add it to the code that must not compile.
 */
import { createClient } from "@supabase/supabase-js";
import type { Database } from "../../src/index.ts";

const supabase = createClient<Database>("http://localhost", "key");
const messages = () => supabase.from("messages").select();

export async function columns() {
  await messages().order("craeted_at");
  await messages().gt("craeted_at", "2026-01-01");
  await messages().in("craeted_at", ["2026-01-01"]);
  await messages().is("tokn_count", null);
  await messages().like("contnet", "%a%");
  await messages().or("contnet.eq.a");
}

export async function values() {
  await messages().match({ role: "bot" });
  await messages().gt("token_count", "many");
}

export async function keys() {
  await supabase.from("brands").upsert({ name: "Acme", slug: "acme" }, { onConflict: "slugg" });
}

export async function args() {
  await supabase.rpc("get_session_cost");
  await supabase.rpc("get_session_cost", { p_session_id: "s", p_brand_id: "b" });
  await supabase.rpc("get_usage_stats", { p_start: "2026-01-01", p_finish: "2026-02-01" });
}
