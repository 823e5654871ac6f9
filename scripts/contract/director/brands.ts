import { tenant, writtenByAdmins } from "../callers.ts";
import {
  anyId,
  fixed,
  generatedId,
  objects,
  open,
  stampedTime,
  texts,
  uniqueName,
} from "../columns.ts";
import type { TableContract } from "../table.ts";

export const brands: TableContract<"brands"> = {
  key: "tenant_id",
  access: { select: [tenant, "nothing"], ...writtenByAdmins },
  columns: {
    id: generatedId,
    tenant_id: fixed(anyId),
    name: open("New", { samples: texts, atMost: { characters: 200 } }),
    slug: open("new", { samples: ["brand-0", "brand-1", "brand-2"], atMost: { characters: 100 } }),
    description: open("New", { atMost: { kilobytes: 64 } }),
    guidelines: open({ voice: "calm" }, { samples: objects, atMost: { kilobytes: 256 } }),
    created_at: stampedTime,
    updated_at: stampedTime,
  },
  valid: { name: "Fixture", slug: () => uniqueName("brand") },
  change: "name",
  refused: {
    brands_name_is_not_blank_check: [{ name: "" }],
    brands_slug_is_kebab_case_check: [{ slug: "No Kebab" }],
    brands_guidelines_is_object_check: [{ guidelines: [] }],
  },
  indexes: {
    brands_pkey: async ({ client, idOf }) =>
      client
        .from("brands")
        .select()
        .eq("id", await idOf("brands")),
    brands_tenant_id_slug_key: ({ client }) =>
      client.from("brands").select().eq("slug", "filler-3"),
  },
};
