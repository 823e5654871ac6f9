import { tenant, writtenBySelf } from "../callers.ts";
import {
  anyId,
  closed,
  fixed,
  generatedId,
  objects,
  open,
  stampedTime,
  texts,
} from "../columns.ts";
import { COUNT, daysAgo, type TableContract } from "../table.ts";

export const messages: TableContract<"messages"> = {
  key: "tenant_id",
  promised: { indexes: 6, policies: 4 },
  access: { select: [tenant, "nothing"], ...writtenBySelf },
  parents: { conversation_id: "conversations" },
  columns: {
    id: generatedId,
    conversation_id: fixed(anyId),
    tenant_id: fixed(anyId),
    role: fixed("assistant", {
      samples: ["user", "assistant", "assistant"],
      keepsStatistics: true,
    }),
    content: open("New words", { samples: texts, atMost: { kilobytes: 1024 } }),
    token_count: open(2, { samples: [0, 10, 20] }),
    model_used: open("gpt-4o", {
      samples: [null, "gpt-4o", "gpt-4o"],
      atMost: { characters: 255 },
    }),
    latency_ms: open(3, { samples: [null, null, 12_000] }),
    metadata: open({ a: 1 }, { samples: objects, atMost: { kilobytes: 64 } }),
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
    messages_role_is_known_check: [{ role: "tool" }],
    messages_content_is_not_empty_check: [{ content: "" }],
    messages_token_count_is_not_negative_check: [{ token_count: -1 }],
    messages_latency_ms_is_not_negative_check: [{ latency_ms: -1 }],
    messages_written_by_is_known_check: [{ written_by: "admin" }],
    messages_position_is_positive_check: [{ position: -1 }],
    messages_metadata_is_object_check: [{ metadata: [] }],
  },
  accepted: [{ token_count: 0, latency_ms: 0, content: " " }],
  indexes: {
    messages_pkey: async ({ backend, idOf }) =>
      backend
        .from("messages")
        .select()
        .eq("id", await idOf("messages")),
    idx_messages_conversation_created: async ({ client, idOf }) =>
      client
        .from("messages")
        .select()
        .eq("conversation_id", await idOf("conversations"))
        .order("position")
        .order("id"),
    idx_messages_tenant_created: ({ client }) =>
      client.from("messages").select("*", COUNT).gte("created_at", daysAgo(7)),
    idx_messages_tenant_model: ({ client }) =>
      client.from("messages").select("latency_ms").eq("model_used", "model-3"),
    idx_messages_tenant_id: ({ client }) => client.from("messages").select().order("id").limit(20),
    idx_messages_created: ({ backend }) =>
      backend
        .from("messages")
        .select("*", COUNT)
        .gte("created_at", daysAgo(12))
        .lt("created_at", daysAgo(9)),
  },
};
