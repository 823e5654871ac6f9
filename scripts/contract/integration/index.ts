import type { System } from "../table.ts";
import { ai_conversations, append_to_ai_conversation } from "./ai-conversations.ts";
import { ai_usage, ai_usage_archive, get_usage_stats } from "./ai-usage.ts";
import {
  clear_all_embeddings,
  delete_by_metadata,
  embeddings,
  match_embeddings,
  store_embeddings,
} from "./embeddings.ts";

export const integration = {
  title: "AI integration",
  note:
    "Documents without an owner are public: every signed-in caller can read and search them. " +
    "Only the service role can write them.",
  tables: { ai_conversations, embeddings, ai_usage, ai_usage_archive },
  views: {},
  functions: {
    append_to_ai_conversation,
    clear_all_embeddings,
    delete_by_metadata,
    get_usage_stats,
    match_embeddings,
    store_embeddings,
  },
  triggerFunctions: { update_updated_at: { access: "PGRST202" } },
  privateFunctions: {
    nearest_embeddings_of_caller: { isDefiner: true, isCallable: true },
  },
} satisfies System;
