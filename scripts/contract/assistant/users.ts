import { self, tenant, writtenByService } from "../callers.ts";
import { anyId, changeable, closed, generatedId, stampedTime, uniqueName } from "../columns.ts";
import type { TableContract } from "../table.ts";

export const users: TableContract<"users"> = {
  key: "tenant_id",
  rowOfMember: "id",
  access: { select: [tenant, "nothing"], ...writtenByService, update: [self, "nothing"] },
  columns: {
    id: generatedId,
    tenant_id: closed(anyId),
    auth_id: closed(anyId),
    email: closed("someone@else.example", { atMost: { characters: 255 } }),
    name: changeable("Ada", { atMost: { characters: 255 } }),
    role: closed("owner", { keepsStatistics: true }),
    preferences: changeable({ theme: "dark" }, { atMost: { kilobytes: 16 } }),
    is_active: closed(false),
    is_default: closed(true),
    last_active_at: changeable("2026-01-01T00:00:00+00:00"),
    left_at: closed("2026-01-01T00:00:00+00:00"),
    former_auth_id: closed(anyId),
    created_at: stampedTime,
    updated_at: stampedTime,
  },
  valid: { email: () => `${uniqueName("valid")}@test.example` },
  change: "name",
  refused: {
    users_email_is_lower_case_address_check: [
      { email: "Ada@test.example" },
      { email: "Äda@test.example" },
      { email: "no address" },
    ],
    users_role_is_known_check: [{ role: "god" }],
    users_former_member_has_no_account_check: [{ left_at: "2026-01-01", is_active: true }],
    users_preferences_is_object_check: [{ preferences: [1] }],
  },
  accepted: [{ left_at: "2026-01-01", is_active: false }],
  sortedBeyondKey: {
    idx_users_unlinked_email: "only unaccepted invitations are indexed, and these are few",
  },
  indexes: {
    users_pkey: ({ backend, member }) => backend.from("users").select().eq("id", member.id),
    users_auth_id_tenant_id_key: "keeps an account from having two memberships in a tenant",
    idx_users_account: ({ client }) => client.from("tenants").select("name"),
    idx_users_former_account: async ({ sql }) => {
      const [{ id } = {}] = await sql`
        insert into auth.users (id, email) values (gen_random_uuid(), 'short-lived@test.example')
        returning id`;
      return sql`delete from auth.users where id = ${id}`;
    },
    idx_users_default: "keeps an account from having two defaults",
    users_tenant_id_email_key: ({ client }) =>
      client.from("users").select().order("email").limit(5),
    idx_users_unlinked_email: ({ signUp }) => signUp(),
  },
};
