import { tenant, writtenBySelf } from "../callers.ts";
import { anyId, fixed, generatedId, objects, open, stampedTime, texts } from "../columns.ts";
import type { TableContract } from "../table.ts";

export const conversations: TableContract<"conversations"> = {
  key: "tenant_id",
  userIs: "membership",
  promised: { indexes: 6, policies: 4 },
  access: { select: [tenant, "nothing"], ...writtenBySelf },
  columns: {
    id: generatedId,
    tenant_id: fixed(anyId),
    user_id: fixed(anyId),
    title: open("New title", { samples: texts, atMost: { characters: 500 } }),
    metadata: open({ a: 1 }, { samples: objects, atMost: { kilobytes: 64 } }),
    is_archived: open(true, { samples: [false, false, true] }),
    created_at: stampedTime,
    updated_at: stampedTime,
  },
  valid: { title: "Fixture" },
  change: "title",
  refused: { conversations_metadata_is_object_check: [{ metadata: 7 }] },
  accepted: [{ title: null }],
  indexes: {
    conversations_pkey: async ({ backend, idOf }) =>
      backend
        .from("conversations")
        .select()
        .eq("id", await idOf("conversations")),
    idx_conversations_user_updated: ({ client, member }) =>
      client.from("conversations").select().eq("user_id", member.id).order("updated_at").limit(20),
    idx_conversations_tenant_updated: ({ client }) =>
      client
        .from("conversations")
        .select()
        .order("updated_at", { ascending: false })
        .order("id", { ascending: false })
        .limit(20),
    idx_conversations_tenant_id: ({ client }) =>
      client.from("conversations").select().order("id").limit(20),
    idx_conversations_tenant_archived: ({ client }) =>
      client.from("conversations").select().eq("is_archived", true).order("updated_at"),
    idx_conversations_idle: ({ sql }) => sql`select private.archive_idle_conversations()`,
  },
};
