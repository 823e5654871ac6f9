import type { System } from "../table.ts";
import { brands } from "./brands.ts";
import {
  conversation_messages,
  daily_message_volume,
  get_conversation_history,
  get_session_cost,
  get_session_message_stats,
  provider_usage_stats,
} from "./messages.ts";
import {
  cancel_conversation_session,
  complete_conversation_session,
  conversation_sessions,
} from "./sessions.ts";

export const director = {
  title: "Creative director",
  tables: { brands, conversation_sessions, conversation_messages },
  views: { provider_usage_stats, daily_message_volume },
  functions: {
    cancel_conversation_session,
    complete_conversation_session,
    get_conversation_history,
    get_session_cost,
    get_session_message_stats,
  },
  triggerFunctions: {
    update_session_activity: { access: "PGRST202" },
    update_session_on_message: { access: "PGRST202", isDefiner: true },
  },
  privateFunctions: {
    fill_message_from_session: { isDefiner: true },
    fill_tenant_from_brand: { isDefiner: true },
    finish_conversation_session: { isCallable: true },
  },
} satisfies System;
