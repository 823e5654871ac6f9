import { admins, type Cells, members, writtenByService } from "../callers.ts";
import { anyId, anyTime, closed, generatedId, stampedTime, uniqueName } from "../columns.ts";
import type {
  Fixtures,
  FunctionContract,
  Member,
  PrivateTableContract,
  TableContract,
} from "../table.ts";

export const invitations: TableContract<"invitations"> = {
  key: "tenant_id",
  access: { select: [admins, "nothing"], ...writtenByService },
  columns: {
    id: generatedId,
    tenant_id: closed(anyId),
    email: closed("someone@else.example", { atMost: { characters: 255 } }),
    role: closed("admin", { keepsStatistics: true }),
    max_uses: closed(7),
    uses: closed(1),
    invited_by: closed(anyId),
    expires_at: closed(anyTime, {
      samples: ["2035-01-15", "2035-01-30", "2025-03-08T12:00:00+00:00"],
    }),
    accepted_at: closed(anyTime),
    revoked_at: closed(anyTime),
    // Two are pending, one has expired.
    last_sent_at: closed(anyTime, {
      samples: ["2035-01-01", "2035-01-01", "2025-03-01T12:00:00+00:00"],
    }),
    sent_count: closed(7),
    created_at: stampedTime,
  },
  valid: { email: () => `${uniqueName("valid")}@test.example` },
  change: "sent_count",
  refused: {
    invitations_email_is_lower_case_address_check: [
      { email: "Ada@test.example" },
      { email: "a" },
      { email: "foo<a@test.example>" },
      { email: "a@test.example,b" },
    ],
    invitations_role_is_known_check: [{ role: "owner" }],
    invitations_max_uses_is_1_to_1000_check: [
      { email: null, max_uses: 0, accepted_at: anyTime },
      { email: null, max_uses: 1001 },
    ],
    invitations_for_an_address_is_used_once_check: [{ max_uses: 2 }],
    invitations_uses_is_0_to_max_uses_check: [{ uses: -1 }, { uses: 2 }],
    invitations_accepted_when_used_up_check: [{ uses: 1 }, { accepted_at: anyTime }],
    invitations_is_not_accepted_and_revoked_check: [
      { uses: 1, accepted_at: anyTime, revoked_at: anyTime },
    ],
    invitations_expires_within_30_days_check: [
      { last_sent_at: "2030-01-01", expires_at: "2030-01-31T00:00:01Z" },
      { last_sent_at: "2030-01-01", expires_at: "2030-01-01" },
    ],
    invitations_sent_count_is_positive_check: [{ sent_count: 0 }],
  },
  accepted: [
    { email: null, max_uses: 1000 },
    { uses: 1, accepted_at: anyTime },
    { last_sent_at: "2030-01-01", expires_at: "2030-01-31" },
  ],
  indexes: {
    invitations_pkey: async ({ backend, idOf }) =>
      backend
        .from("invitations")
        .select()
        .eq("id", await idOf("invitations")),
    idx_invitations_pending: "keeps an address from having two pending invitations",
    idx_invitations_tenant_id: ({ client }) =>
      client.from("invitations").select().order("id").limit(20),
    idx_invitations_tenant_sent: ({ client }) =>
      client.from("invitations").select().order("last_sent_at", { ascending: false }).limit(20),
    idx_invitations_invited_by: async ({ backend, member, fixtures }) => {
      const { id } = await fixtures.row("users", member);
      return backend.from("users").delete().eq("id", id);
    },
  },
};

export const invitation_tokens: PrivateTableContract = {
  valid: null,
  refused: {
    invitation_tokens_token_hash_is_sha256_check: [
      { token_hash: "\\x00", invitation_id: anyId(), tenant_id: anyId() },
    ],
  },
  indexes: {
    invitation_tokens_pkey: async ({ client, member, fixtures }) =>
      client.rpc("preview_invitation", { p_token: await linkTo(fixtures, member) }),
    invitation_tokens_invitation_id_key: async ({ backend, idOf }) =>
      backend
        .from("invitations")
        .delete()
        .eq("id", await idOf("invitations")),
  },
};

/** The outcomes for the functions that take the id of an invitation. */
const byAdmins: Cells = [["admin", "owner"], "42501", { outsider: "P0002", elsewhere: "P0002" }];

export const create_invitation: FunctionContract<"create_invitation"> = {
  // The others are admins of their own tenant, to which they invite.
  access: [["admin", "owner"], "42501", { outsider: "nothing", elsewhere: "nothing" }],
  call: async ({ stored }, { tenant_id }) => {
    const email = `${uniqueName("invited")}@test.example`;
    return {
      args: { p_email: email },
      isReached: async () => (await stored("invitations", { tenant_id, email })).length === 1,
    };
  },
};

export const resend_invitation: FunctionContract<"resend_invitation"> = {
  access: byAdmins,
  about: "p_id",
  call: async (make, owner) => {
    const { id } = await make.row("invitations", owner);
    return { args: { p_id: id }, isReached: (token) => !!token && /^[0-9a-f]{64}$/.test(token) };
  },
};

export const revoke_invitation: FunctionContract<"revoke_invitation"> = {
  access: byAdmins,
  about: "p_id",
  call: async (make, owner) => {
    const { id } = await make.row("invitations", owner);
    return { args: { p_id: id }, isReached: () => isRevoked(make, id) };
  },
};

/** An open link is for everybody who is signed in; the suspended owner's tenant is closed. */
const signedIn = [...members, "stranger", "outsider", "elsewhere"] as const;

export const preview_invitation: FunctionContract<"preview_invitation"> = {
  access: [[...signedIn, "deactivated"], "42501", { suspended: "P0002" }],
  call: async (make, owner) => ({
    args: { p_token: await linkTo(make, owner) },
    isReached: (found) => found?.[0]?.tenant_id === owner.tenant_id,
  }),
};

export const accept_invitation: FunctionContract<"accept_invitation"> = {
  access: [signedIn, "42501", { suspended: "P0002" }],
  usesUpCaller: true,
  call: async (make, owner) => ({
    args: { p_token: await linkTo(make, owner) },
    isReached: (membership) => membership?.tenant_id === owner.tenant_id,
  }),
};

export const decline_invitation: FunctionContract<"decline_invitation"> = {
  access: [["member", "deactivated"], "42501", { suspended: "P0002" }],
  call: async (make, owner) => {
    const { id } = await make.row("invitations", owner, { email: owner.email });
    return {
      args: { p_token: await make.tokenOf({ id, tenant_id: owner.tenant_id }) },
      isReached: async () => {
        const isDeclined = await isRevoked(make, id);
        await make.remove("invitations", { id });
        return isDeclined;
      },
    };
  },
};

/** Makes an open link to the owner's tenant, and returns its token. */
async function linkTo(make: Fixtures, owner: Member): Promise<string> {
  return make.tokenOf(await make.row("invitations", owner, { email: null, max_uses: 2 }));
}

async function isRevoked({ stored }: Fixtures, id: string): Promise<boolean> {
  const [invitation] = await stored("invitations", { id });
  return invitation?.revoked_at !== null;
}
