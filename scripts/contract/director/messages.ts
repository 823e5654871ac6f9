import { randomInt } from "node:crypto";
import { self, summedUp, writtenBySelf } from "../callers.ts";
import {
  anyId,
  closed,
  fixed,
  generatedId,
  open,
  stampedTime,
  texts,
  uniqueName,
} from "../columns.ts";
import {
  COUNT,
  daysAgo,
  type FunctionContract,
  type TableContract,
  type ViewContract,
} from "../table.ts";

export const conversation_messages: TableContract<"conversation_messages"> = {
  key: "user_id",
  userIs: "account",
  promised: { indexes: 8, policies: 4 },
  access: { select: [self, "nothing"], ...writtenBySelf, insert: [self, "23503"] },
  parents: { session_id: "conversation_sessions" },
  columns: {
    id: generatedId,
    session_id: fixed(anyId),
    brand_id: fixed(anyId),
    tenant_id: fixed(anyId),
    user_id: fixed(anyId),
    role: fixed("assistant", {
      samples: ["user", "assistant", "assistant"],
      keepsStatistics: true,
    }),
    content: open("New", { samples: texts, atMost: { kilobytes: 1024 } }),
    tokens_used: open(1, { samples: [0, 10, 20] }),
    model_used: open("gpt-4o", {
      samples: [null, "gpt-4o", "gpt-4o"],
      atMost: { characters: 255 },
    }),
    provider: open("openai", { samples: [null, "openai", "openai"], atMost: { characters: 100 } }),
    cost_usd: open(0.01, { samples: [null, 0.25, 0.25] }),
    latency_ms: open(2, { samples: [null, 100, 100] }),
    action_taken: open("ask", { atMost: { characters: 1000 } }),
    questions_asked: open([{ id: "mood", text: "Which mood?" }], { atMost: { kilobytes: 256 } }),
    delegation_plan: open(
      { steps: [{ agent: "copywriter", task: "headline" }] },
      { atMost: { kilobytes: 256 } },
    ),
    position: closed(7, { samples: [1, 2, 3] }),
    written_by: closed("service", {
      samples: ["member", "member", "service"],
      keepsStatistics: true,
    }),
    created_at: stampedTime,
  },
  valid: { role: "user", content: "Fixture" },
  onBehalf: { written_by: "member" },
  change: "content",
  refused: {
    conversation_messages_role_is_known_check: [{ role: "bot" }],
    conversation_messages_tokens_used_is_not_negative_check: [{ tokens_used: -1 }],
    conversation_messages_cost_usd_is_0_to_a_billion_check: [{ cost_usd: "NaN" }],
    conversation_messages_cost_usd_has_at_most_300_decimals_check: [{ cost_usd: "1e-301" }],
    conversation_messages_latency_ms_is_not_negative_check: [{ latency_ms: -1 }],
    conversation_messages_written_by_is_known_check: [{ written_by: "admin" }],
    conversation_messages_position_is_positive_check: [{ position: -1 }],
    conversation_messages_questions_asked_is_array_check: [{ questions_asked: {} }],
    conversation_messages_delegation_plan_is_object_check: [{ delegation_plan: [] }],
  },
  precededBy: {
    conversation_messages_session_id_fkey: "private.fill_message_from_session()",
    conversation_messages_user_id_fkey: "private.fill_message_from_session()",
  },
  indexes: {
    conversation_messages_pkey: async ({ client, idOf }) =>
      client
        .from("conversation_messages")
        .select()
        .eq("id", await idOf("conversation_messages")),
    idx_conversation_messages_session_created: async ({ client, idOf }) =>
      client.rpc("get_conversation_history", {
        p_session_id: await idOf("conversation_sessions"),
      }),
    idx_conversation_messages_session_cost: async ({ client, idOf }) =>
      client.rpc("get_session_cost", { p_session_id: await idOf("conversation_sessions") }),
    idx_conversation_messages_user_created: ({ client }) =>
      client.from("conversation_messages").select().order("created_at").limit(5),
    idx_conversation_messages_user_provider: ({ client }) =>
      client.from("provider_usage_stats").select(),
    idx_conversation_messages_brand_created: async ({ backend, idOf }) =>
      backend
        .from("conversation_messages")
        .select("cost_usd")
        .eq("brand_id", await idOf("brands", { slug: "filler-3" })),
    idx_conversation_messages_delegated: async ({ client, idOf }) =>
      client
        .from("conversation_messages")
        .select("delegation_plan")
        .eq("session_id", await idOf("conversation_sessions"))
        .neq("delegation_plan", "{}" as never),
    idx_conversation_messages_created: ({ backend }) =>
      backend
        .from("conversation_messages")
        .select("*", COUNT)
        .eq("role", "assistant")
        .gte("created_at", daysAgo(21))
        .lt("created_at", daysAgo(19)),
  },
};

/** The access to a view that aggregates the caller's own messages. */
const shownToSelf = { select: [self, "nothing"], ...summedUp } as const;

export const provider_usage_stats: ViewContract = {
  access: shownToSelf,
  shown: async (make, owner) => {
    const provider = uniqueName("provider");
    await make.row("conversation_messages", owner, { provider });
    return { provider };
  },
  attempt: () => ({ provider: uniqueName("provider"), message_count: 1 }),
  change: { message_count: 77 },
};

export const daily_message_volume: ViewContract = {
  access: shownToSelf,
  shown: async (make, owner) => {
    const created_at = farDay();
    await make.row("conversation_messages", owner, { created_at });
    return { day: created_at.slice(0, 10) };
  },
  attempt: () => ({ day: farDay().slice(0, 10), message_count: 1 }),
  change: { message_count: 77 },
};

/** Returns a day far in the future, on which no other test writes. */
function farDay(): string {
  return new Date(Date.UTC(3000 + randomInt(5000), 0, randomInt(365))).toISOString();
}

export const get_conversation_history: FunctionContract<"get_conversation_history"> = {
  access: [self, "nothing"],
  about: "p_session_id",
  call: async (make, owner) => {
    const { id, session_id } = await make.row("conversation_messages", owner);
    return {
      args: { p_session_id: session_id },
      isReached: (rows) => !!rows?.some((row) => row.id === id),
    };
  },
};

export const get_session_cost: FunctionContract<"get_session_cost"> = {
  access: [self, "nothing"],
  about: "p_session_id",
  call: async (make, owner) => {
    const { session_id } = await make.row("conversation_messages", owner, { cost_usd: 0.25 });
    return { args: { p_session_id: session_id }, isReached: (cost) => Number(cost) > 0 };
  },
};

export const get_session_message_stats: FunctionContract<"get_session_message_stats"> = {
  access: [self, "nothing"],
  about: "p_session_id",
  call: async (make, owner) => {
    const { session_id } = await make.row("conversation_messages", owner);
    return {
      args: { p_session_id: session_id },
      isReached: (rows) => Number(rows?.[0]?.total_messages) > 0,
    };
  },
};
