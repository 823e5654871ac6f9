import { admins, members, signedInCallers, tenant, writtenByService } from "../callers.ts";
import { changeable, closed, generatedId, stampedTime, uniqueName } from "../columns.ts";
import type { FunctionContract, PrivateTableContract, TableContract } from "../table.ts";

export const tenants: TableContract<"tenants"> = {
  // The isolation key of a tenant is its own id.
  key: "id",
  rowOfMember: "tenant_id",
  access: { select: [tenant, "nothing"], ...writtenByService, update: [admins, "nothing"] },
  columns: {
    id: generatedId,
    name: changeable("New name", { atMost: { characters: 200 } }),
    slug: closed("taken-over", { atMost: { characters: 100 } }),
    llm_provider: changeable("anthropic", { atMost: { characters: 100 } }),
    llm_model: changeable("claude-sonnet-4", { atMost: { characters: 255 } }),
    temperature: changeable(0.1),
    max_tokens: changeable(5),
    system_prompt: changeable("Be brief.", { atMost: { kilobytes: 256 } }),
    features: changeable({ streaming: true }, { atMost: { kilobytes: 64 } }),
    rate_limit_per_minute: closed(1_000_000),
    daily_token_limit: closed(1_000_000_000),
    seat_limit: closed(5),
    branding: changeable({ primary_color: "#123456" }, { atMost: { kilobytes: 64 } }),
    is_active: closed(false),
    delete_after: closed("2030-01-01T00:00:00+00:00"),
    created_at: stampedTime,
    updated_at: stampedTime,
  },
  valid: { name: "Fixture", slug: () => uniqueName("test") },
  change: "name",
  refused: {
    tenants_name_is_not_blank_check: [{ name: " \n" }],
    tenants_slug_is_kebab_case_check: [{ slug: "Not_Kebab" }, { slug: "two--dashes" }],
    tenants_temperature_is_0_to_2_check: [{ temperature: 2.01 }, { temperature: "NaN" }],
    tenants_max_tokens_is_positive_check: [{ max_tokens: 0 }],
    tenants_features_is_object_check: [{ features: [] }],
    tenants_rate_limit_per_minute_is_positive_check: [{ rate_limit_per_minute: 0 }],
    tenants_daily_token_limit_is_not_negative_check: [{ daily_token_limit: -1 }],
    tenants_seat_limit_is_positive_check: [{ seat_limit: 0 }],
    tenants_is_inactive_until_deletion_check: [{ delete_after: "2030-01-01", is_active: true }],
    tenants_branding_is_object_check: [{ branding: "blue" }],
  },
  accepted: [
    { temperature: 0, max_tokens: 1, rate_limit_per_minute: 1, daily_token_limit: 0 },
    { temperature: 2 },
    { delete_after: "2030-01-01", is_active: false },
  ],
  uniqueBeyondKey: {
    tenants_slug_key: "a slug is used in URLs, so it is unique across all tenants",
  },
  indexes: {
    tenants_pkey: ({ client }) => client.from("tenants").select(),
    tenants_slug_key: ({ backend }) => backend.from("tenants").select().eq("slug", "test-none"),
    idx_tenants_delete_after: ({ sql }) => sql`select private.delete_tenants()`,
  },
};

export const inactive_tenants: PrivateTableContract = {
  valid: {},
  refused: {},
  indexes: { inactive_tenants_pkey: ({ client }) => client.from("tenants").select() },
};

export const platform_settings: PrivateTableContract = {
  // The table has its one row already.
  valid: null,
  refused: {
    platform_settings_is_one_row_check: [{ id: false }],
    platform_settings_tenants_per_account_is_not_negative_check: [{ tenants_per_account: -1 }],
    platform_settings_invitations_per_day_is_not_negative_check: [{ invitations_per_day: -1 }],
  },
  indexes: { platform_settings_pkey: "keeps the table at one row" },
};

export const create_tenant: FunctionContract<"create_tenant"> = {
  access: [signedInCallers, "42501"],
  usesUpCaller: true,
  call: async ({ stored }) => {
    const slug = uniqueName("test");
    return {
      args: { p_name: "Fixture", p_slug: slug },
      isReached: async () => (await stored("tenants", { slug })).length === 1,
    };
  },
};

export const delete_tenant: FunctionContract<"delete_tenant"> = {
  // The others own another tenant, whose slug is another.
  access: [["owner"], "42501", { outsider: "22023", elsewhere: "22023" }],
  usesUpCaller: true,
  call: async ({ stored }, { tenant_id: id }) => {
    const [tenant] = await stored("tenants", { id });
    return {
      args: { p_confirm_slug: String(tenant?.slug) },
      isReached: async () => (await stored("tenants", { id }))[0]?.delete_after !== null,
    };
  },
};

export const list_my_tenants: FunctionContract<"list_my_tenants"> = {
  access: [[...members, "elsewhere"], "nothing"],
  call: async (_make, { tenant_id }) => ({
    args: {} as never,
    isReached: (rows) => !!rows?.some(({ id }) => id === tenant_id),
  }),
};

export const choose_tenant: FunctionContract<"choose_tenant"> = {
  access: [[...members, "elsewhere"], "P0002"],
  call: async ({ stored }, { tenant_id }) => {
    const choices = async () => (await stored("users", { tenant_id, is_default: true })).length;
    const before = await choices();
    return {
      args: { p_tenant_id: tenant_id },
      isReached: async () => (await choices()) > before,
    };
  },
};
