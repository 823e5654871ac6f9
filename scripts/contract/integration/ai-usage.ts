import { person, writtenByService } from "../callers.ts";
import { anyId, anyTime, closed, generatedId, stampedTime, uniqueName } from "../columns.ts";
import { daysAgo, type FunctionContract, type TableContract } from "../table.ts";

/** The log and its archive have the same columns, readers and writers. */
const shared = {
  key: "user_id",
  userIs: "account",
  access: { select: [person, "nothing"], ...writtenByService },
  change: "model",
} as const;

const columns = {
  id: generatedId,
  user_id: closed(anyId),
  operation_type: closed("other", {
    samples: ["chat", "embedding", "embedding"],
    atMost: { characters: 100 },
    keepsStatistics: true,
  }),
  model: closed("changed", {
    samples: ["gpt-4o", "gpt-4o", "gpt-4o"],
    atMost: { characters: 255 },
    keepsStatistics: true,
  }),
  tokens_prompt: closed(7, { samples: [10, 11, 12] }),
  tokens_completion: closed(7, { samples: [5, 5, 5] }),
  tokens_total: closed(14, { samples: [15, 16, 17] }),
  cost: closed(7, { samples: [0.125, 0.125, 0.125] }),
  latency_ms: closed(7, { samples: [0, 100, 200] }),
  created_at: stampedTime,
};

/** The refused rows of both tables, by the constraint names of this table. */
const refusedBy = (table: string) => ({
  [`${table}_operation_type_is_not_blank_check`]: [{ operation_type: "\t" }],
  [`${table}_model_is_not_blank_check`]: [{ model: "" }],
  [`${table}_tokens_prompt_is_0_to_a_billion_check`]: [
    { tokens_prompt: -1 },
    { tokens_prompt: 1e9 + 1 },
  ],
  [`${table}_tokens_completion_is_0_to_a_billion_check`]: [
    { tokens_completion: -1 },
    { tokens_completion: 1e9 + 1 },
  ],
  [`${table}_tokens_total_is_sum_check`]: [{ tokens_prompt: 2, tokens_total: 9 }],
  [`${table}_cost_is_0_to_a_billion_check`]: [
    { cost: "Infinity" },
    { cost: 1e9 + 1 },
    { cost: "NaN" },
    { cost: -1 },
  ],
  [`${table}_cost_has_at_most_300_decimals_check`]: [{ cost: "1e-301" }],
  [`${table}_latency_ms_is_not_negative_check`]: [{ latency_ms: -1 }],
});

export const ai_usage: TableContract<"ai_usage"> = {
  ...shared,
  promised: { indexes: 5, policies: 1 },
  columns,
  valid: { operation_type: "chat", model: "gpt-4o" },
  refused: refusedBy("ai_usage"),
  accepted: [{ cost: "1e-300" }],
  indexes: {
    ai_usage_pkey: async ({ client, idOf }) =>
      client
        .from("ai_usage")
        .select()
        .eq("id", await idOf("ai_usage")),
    idx_ai_usage_user_created: ({ client }) =>
      client.from("ai_usage").select().gte("created_at", daysAgo(10)).order("created_at"),
    idx_ai_usage_created: ({ sql }) => sql`select private.move_old_ai_usage()`,
    idx_ai_usage_user_operation: ({ client }) =>
      client.from("ai_usage").select().eq("operation_type", "operation-3"),
    idx_ai_usage_user_model: ({ client }) =>
      client.from("ai_usage").select().eq("model", "model-3"),
  },
};

export const ai_usage_archive: TableContract<"ai_usage_archive"> = {
  ...shared,
  promised: { indexes: 2, policies: 1 },
  columns: { ...columns, archived_at: closed(anyTime) },
  valid: {
    id: anyId,
    operation_type: "chat",
    model: "gpt-4o",
    tokens_prompt: 1,
    tokens_completion: 1,
    cost: 0,
    created_at: anyTime,
  },
  refused: refusedBy("ai_usage_archive"),
  indexes: {
    ai_usage_archive_pkey: async ({ client, idOf }) =>
      client
        .from("ai_usage_archive")
        .select()
        .eq("id", await idOf("ai_usage_archive")),
    idx_ai_usage_archive_user_created: ({ client }) =>
      client.rpc("get_usage_stats", { p_end: daysAgo(300) }),
  },
};

export const get_usage_stats: FunctionContract<"get_usage_stats"> = {
  access: [person, "nothing"],
  about: "p_user_id",
  call: async (make, owner) => {
    const operation_type = uniqueName("operation");
    await make.row("ai_usage", owner, { operation_type });
    return {
      args: { p_user_id: owner.account },
      isReached: (rows) => !!rows?.some((row) => row.operation_type === operation_type),
    };
  },
};
