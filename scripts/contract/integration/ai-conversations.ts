import { account, person, writtenByPerson } from "../callers.ts";
import { anyId, fixed, open, stampedTime, texts } from "../columns.ts";
import { COUNT, daysAgo, type FunctionContract, type TableContract } from "../table.ts";

export const ai_conversations: TableContract<"ai_conversations"> = {
  key: "user_id",
  userIs: "account",
  promised: { indexes: 4, policies: 4 },
  access: { select: [person, "nothing"], ...writtenByPerson },
  columns: {
    id: open(anyId),
    user_id: fixed(anyId),
    title: open("New", { samples: texts, atMost: { characters: 500 } }),
    model: open("gpt-4o", { samples: ["gpt-4o", "gpt-4o", "gpt-4o"], atMost: { characters: 255 } }),
    messages: open([{ role: "user", content: "Hi" }], {
      samples: [
        [{ role: "user", content: "Hello" }],
        [{ role: "user", content: "Hello again" }],
        [{ role: "user", content: "Refunds" }],
      ],
      atMost: { kilobytes: 4096 },
    }),
    total_tokens: open(5, { samples: [0, 1, 2] }),
    total_cost: open(0.25),
    created_at: stampedTime,
    updated_at: stampedTime,
  },
  valid: { id: anyId, title: "Fixture" },
  change: "title",
  refused: {
    ai_conversations_id_has_1_to_255_characters_check: [{ id: "x".repeat(256) }],
    ai_conversations_messages_is_array_check: [{ messages: {} }],
    ai_conversations_total_tokens_is_0_to_a_quadrillion_check: [
      { total_tokens: -1 },
      { total_tokens: 1e15 + 1 },
    ],
    ai_conversations_total_cost_has_at_most_300_decimals_check: [{ total_cost: "1e-301" }],
    ai_conversations_total_cost_is_0_to_a_billion_check: [{ total_cost: "1e100000" }],
  },
  indexes: {
    ai_conversations_pkey: async ({ client, idOf }) =>
      client
        .from("ai_conversations")
        .select()
        .eq("id", await idOf("ai_conversations")),
    idx_ai_conversations_user_updated: ({ client }) =>
      client.from("ai_conversations").select("title").order("updated_at").limit(5),
    idx_ai_conversations_user_model: ({ client }) =>
      client.from("ai_conversations").select("title").eq("model", "model-3"),
    idx_ai_conversations_created: ({ backend }) =>
      backend
        .from("ai_conversations")
        .select("*", COUNT)
        .gte("created_at", daysAgo(12))
        .lt("created_at", daysAgo(9)),
  },
};

export const append_to_ai_conversation: FunctionContract<"append_to_ai_conversation"> = {
  access: [account, "P0002"],
  about: "p_id",
  call: async (make, owner) => {
    const { id } = await make.row("ai_conversations", owner);
    const messages = [{ role: "user", content: "Hello" }];
    return {
      args: { p_id: id, p_messages: messages },
      isReached: async () => {
        const [chat] = await make.stored("ai_conversations", { id });
        return JSON.stringify(chat?.messages) === JSON.stringify(messages);
      },
    };
  },
};
