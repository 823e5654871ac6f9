// Every client that a team creates fits the helpers. Compiled with main.ts, never run.
import { createBrowserClient, createServerClient } from "@supabase/ssr";
import { createClient } from "@supabase/supabase-js";
import {
  type Database,
  incrementUsage,
  listConversations,
  type ServiceDatabase,
} from "supabase-ai-schema";

const inBrowser = createBrowserClient<Database>("http://localhost", "key");
const onServer = createServerClient<Database>("http://localhost", "key", {
  cookies: { getAll: () => [], setAll: () => {} },
});
const asService = createClient<ServiceDatabase>("http://localhost", "key");

await listConversations(inBrowser);
await listConversations(onServer);
await listConversations(asService);
await listConversations(createClient<Database>("http://localhost", "key"));
await listConversations(createClient("http://localhost", "key"));
await incrementUsage(asService, {
  tenantId: "t",
  userId: "u",
  promptTokens: 1,
  completionTokens: 1,
  cost: 0,
});

const { data } = await inBrowser.from("messages").select("role").single();
export const role: "user" | "assistant" | "system" | undefined = data?.role;
