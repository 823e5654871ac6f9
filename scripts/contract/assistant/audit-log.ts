import { admins, byService, type Cells } from "../callers.ts";
import { anyId, anyTime, closed, generatedId } from "../columns.ts";
import type { TableContract } from "../table.ts";

/** Nobody changes an entry. Only the service role gets as far as the trigger that refuses it. */
const final: Cells = [[], "42501", { service: "55000" }];

const json = { samples: [{}, {}, { role: "user" }], atMost: { kilobytes: 1024 } } as const;

export const audit_log: TableContract<"audit_log"> = {
  key: "tenant_id",
  access: { select: [admins, "nothing"], insert: byService, update: final, delete: final },
  columns: {
    id: generatedId,
    tenant_id: closed(anyId),
    at: closed(anyTime),
    actor_id: closed(anyId),
    actor_role: closed("owner", { atMost: { characters: 100 } }),
    action: closed("export", { atMost: { characters: 100 } }),
    relation: closed("tenants", { atMost: { characters: 100 } }),
    row_id: closed(anyId),
    before: closed({ role: "admin" }, json),
    after: closed({ role: "user" }, json),
    request: closed(
      { method: "POST" },
      { samples: [{}, {}, { method: "PATCH" }], atMost: { kilobytes: 4 } },
    ),
  },
  valid: { actor_role: "service_role", action: "update", relation: "users" },
  change: "action",
  refused: {
    audit_log_action_is_not_blank_check: [{ action: " " }],
    audit_log_relation_is_not_blank_check: [{ relation: "" }],
    audit_log_before_is_object_check: [{ before: [] }],
    audit_log_after_is_object_check: [{ after: 7 }],
    audit_log_request_is_object_check: [{ request: "GET" }],
  },
  indexes: {
    audit_log_pkey: async ({ backend, idOf }) =>
      backend
        .from("audit_log")
        .select()
        .eq("id", await idOf("audit_log")),
    idx_audit_log_tenant_id: ({ client }) =>
      client.from("audit_log").select().order("id", { ascending: false }).limit(20),
    idx_audit_log_row: ({ client, member }) =>
      client.from("audit_log").select().eq("row_id", member.id).order("id").limit(20),
  },
};
