import { beforeAll, describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import {
  acceptInvitation,
  createInvitation,
  deactivateMember,
  declineInvitation,
  leaveTenant,
  listInvitations,
  listMyTenants,
  previewInvitation,
  removeMember,
  resendInvitation,
  revokeInvitation,
  setMemberRole,
  type Tables,
} from "../../src/index.ts";
import {
  createLogin,
  createMember,
  createTenant,
  type Login,
  type Member,
} from "../support/actors.ts";
import { asOwner, type Client, serviceClient } from "../support/clients.ts";
import { createRow, fixtures, must } from "../support/rows.ts";

const newEmail = () => `${uniqueName("invited")}@test.example`;

const createOwner = async (values: Partial<Tables<"tenants">> = {}): Promise<Member> =>
  createMember(await createTenant(values), { role: "owner" });

const stored = async (id: string) =>
  must(await serviceClient().from("invitations").select().eq("id", id).single());

const inviteTo = async ({ client }: Member, values: Parameters<typeof createInvitation>[1] = {}) =>
  createInvitation(client, values);

let ada: Member;

beforeAll(async () => {
  ada = await createOwner();
});

describe("an invitation to an address", () => {
  test("is seen and accepted by the account with this address", async () => {
    const ben = await createLogin();
    const { id, token } = await inviteTo(ada, {
      email: ` ${ben.email.toUpperCase()}`,
      role: "admin",
    });
    expect(await stored(id)).toMatchObject({ email: ben.email, invited_by: ada.id, uses: 0 });
    expect(await previewInvitation(ben.client, token)).toEqual({
      tenant_id: ada.tenant_id,
      tenant_name: "Fixture",
      role: "admin",
      email: ben.email,
      invited_by: ada.email,
      expires_at: expect.any(String),
    });
    expect(await listMyTenants(ben.client)).toEqual([]);
    const membership = await acceptInvitation(ben.client, token);
    expect(membership).toMatchObject({
      tenant_id: ada.tenant_id,
      auth_id: ben.account,
      email: ben.email,
      role: "admin",
      is_active: true,
    });
    expect(await listMyTenants(ben.client)).toMatchObject([{ id: ada.tenant_id, role: "admin" }]);
    expect(await stored(id)).toMatchObject({ uses: 1, accepted_at: expect.any(String) });
  });

  test("can be accepted again by the same person, who gets the same membership", async () => {
    const ben = await createLogin();
    const { id, token } = await inviteTo(ada, { email: ben.email });
    const first = await acceptInvitation(ben.client, token);
    expect(await acceptInvitation(ben.client, token)).toEqual(first);
    expect(await previewInvitation(ben.client, token)).toMatchObject({ tenant_id: ada.tenant_id });
    await expect(declineInvitation(ben.client, token)).rejects.toMatchObject(NOT_FOUND);
    expect((await stored(id)).uses).toBe(1);
  });

  test.each(["accept", "preview", "decline"])("is not for another account: %s", async (verb) => {
    const [ben, eve] = [await createLogin(), await createLogin()];
    const { token } = await inviteTo(ada, { email: ben.email });
    await expect(call(verb, eve.client, token)).rejects.toMatchObject({
      code: "42501",
      hint: expect.stringContaining("Sign in with the address"),
    });
    await call(verb, ben.client, token);
  });

  test.each(["accept", "preview", "decline"])(
    "is not for an address that the account has not confirmed: %s",
    async (verb) => {
      const ben = await createLogin();
      const { token } = await inviteTo(ada, { email: ben.email });
      await confirm(ben, null);
      await expect(call(verb, ben.client, token)).rejects.toMatchObject({
        code: "42501",
        hint: expect.stringContaining("Confirm your email"),
      });
      await confirm(ben, new Date());
      await call(verb, ben.client, token);
    },
  );

  test("is not for an account of single sign-on, which could claim any address", async () => {
    const ben = await createLogin();
    const { token } = await inviteTo(ada, { email: ben.email });
    await asOwner()`update auth.users set is_sso_user = true where id = ${ben.account}`;
    await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject({ code: "42501" });
  });

  test("cannot be declined by a member of the tenant for somebody else", async () => {
    const ben = await createLogin();
    const { token } = await inviteTo(ada, { email: ben.email });
    await expect(declineInvitation(ada.client, token)).rejects.toMatchObject({ code: "42501" });
    await declineInvitation(ben.client, token);
  });

  test("does not make its person a member without their consent", async () => {
    const ben = await createLogin();
    await inviteTo(ada, { email: ben.email });
    await confirm(ben, new Date());
    expect(await listMyTenants(ben.client)).toEqual([]);
  });

  test("can be declined, and is then gone", async () => {
    const ben = await createLogin();
    const { id, token } = await inviteTo(ada, { email: ben.email });
    await declineInvitation(ben.client, token);
    expect((await stored(id)).revoked_at).not.toBeNull();
    await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject(NOT_FOUND);
    await inviteTo(ada, { email: ben.email });
  });

  test("cannot be made twice, until the first expires", async () => {
    const email = newEmail();
    const { id } = await inviteTo(ada, { email });
    await expect(inviteTo(ada, { email })).rejects.toMatchObject({
      code: "23505",
      hint: expect.stringContaining("resend_invitation"),
    });
    await expire(id);
    await inviteTo(ada, { email });
    expect((await stored(id)).revoked_at).not.toBeNull();
  });

  test("cannot be made for a member, even if they are deactivated or have not signed up", async () => {
    const member = await createMember({ id: ada.tenant_id });
    const waiting = await createRow("users", ada);
    await deactivateMember(ada.client, member.id);
    for (const { email } of [member, waiting]) {
      await expect(inviteTo(ada, { email })).rejects.toMatchObject({ code: "23505" });
    }
  });
});

describe("a link", () => {
  test("admits as many people as it has uses", async () => {
    const { id, token } = await inviteTo(ada, { maxUses: 2 });
    const people = [await createLogin(), await createLogin(), await createLogin()];
    for (const { client } of people.slice(0, 2)) await acceptInvitation(client, token);
    expect(await stored(id)).toMatchObject({ uses: 2, accepted_at: expect.any(String) });
    const third = people[2] as Login;
    await expect(acceptInvitation(third.client, token)).rejects.toMatchObject(NOT_FOUND);
  });

  test.each<[string, (admin: Member) => Promise<unknown>]>([
    ["removed", ({ id }) => removeMember(ada.client, id)],
    ["demoted", ({ id }) => setMemberRole(ada.client, id, "user")],
    ["deactivated", ({ id }) => deactivateMember(ada.client, id)],
    [
      "deleted",
      async ({ id }) => serviceClient().from("users").delete().eq("id", id).throwOnError(),
    ],
  ])("is no longer valid when the admin who made it is %s", async (_how, lose) => {
    const admin = await createMember({ id: ada.tenant_id }, { role: "admin" });
    const { token } = await inviteTo(admin, { role: "admin", maxUses: 9 });
    await acceptInvitation((await createLogin()).client, token);
    await lose(admin);
    const { client } = await createLogin();
    await expect(acceptInvitation(client, token)).rejects.toMatchObject(NOT_FOUND);
  });

  test("of the service role needs no admin", async () => {
    const token = await fixtures.tokenOf(await createRow("invitations", ada, { email: null }));
    await acceptInvitation((await createLogin()).client, token);
  });

  test("needs a confirmed address, too", async () => {
    const { token } = await inviteTo(ada);
    const ben = await createLogin();
    await confirm(ben, null);
    await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject({ code: "42501" });
  });

  test("stays valid for others when somebody declines it", async () => {
    const { token } = await inviteTo(ada);
    await declineInvitation((await createLogin()).client, token);
    await acceptInvitation((await createLogin()).client, token);
  });

  test("uses nothing up for a member, and shows a deactivated one nothing new", async () => {
    const { id, token } = await inviteTo(ada);
    const member = await createMember({ id: ada.tenant_id });
    expect(await acceptInvitation(member.client, token)).toMatchObject({ id: member.id });
    expect((await stored(id)).uses).toBe(0);
    await deactivateMember(ada.client, member.id);
    await expect(acceptInvitation(member.client, token)).rejects.toMatchObject({ code: "42501" });
    expect((await stored(id)).uses).toBe(0);
  });

  test("does not let a removed member come back, and a new one does", async () => {
    const ben = await createLogin();
    const { id, token } = await inviteTo(ada, { maxUses: 5 });
    const { id: memberId } = await acceptInvitation(ben.client, token);
    await removeMember(ada.client, memberId);
    await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject({ code: "42501" });
    expect((await stored(id)).uses).toBe(1);
    const back = await acceptInvitation(ben.client, await resendInvitation(ada.client, id));
    expect(back).toMatchObject({ id: memberId, auth_id: ben.account, left_at: null });
  });
});

test("a former member comes back with the role of the invitation, and stays in the tenant where they are", async () => {
  const [first, second] = [await createOwner(), await createOwner()];
  const ben = await createMember({ id: first.tenant_id }, { role: "admin" });
  await leaveTenant(ben.client);
  const elsewhere = await inviteTo(second, { email: ben.email });
  await acceptInvitation(ben.client, elsewhere.token);
  const { token } = await inviteTo(first, { email: ben.email });
  expect(await acceptInvitation(ben.client, token)).toMatchObject({ id: ben.id, role: "user" });
  expect(await listMyTenants(ben.client)).toMatchObject([
    { id: second.tenant_id, is_current: true },
    { id: first.tenant_id, is_current: false },
  ]);
});

describe("a token", () => {
  test.each<[string, (token: string, id: string) => Promise<string | null>]>([
    ["unknown", async () => "0".repeat(64)],
    ["empty", async () => ""],
    ["null", async () => null],
    ["replaced", async (token, id) => (await resendInvitation(ada.client, id)) && token],
    ["expired", async (token, id) => (await expire(id)) ?? token],
    ["revoked", async (token, id) => (await revokeInvitation(ada.client, id)) ?? token],
    [
      "used up",
      async (token) => (await acceptInvitation((await createLogin()).client, token)) && token,
    ],
    [
      "of a deactivated tenant",
      async () => {
        const owner = await createOwner();
        const { token } = await inviteTo(owner);
        const tenants = serviceClient().from("tenants");
        await tenants.update({ is_active: false }).eq("id", owner.tenant_id).throwOnError();
        return token;
      },
    ],
  ])("that is %s gets the same answer as an unknown one", async (_name, spoil) => {
    const { id, token } = await inviteTo(ada);
    const spoilt = (await spoil(token, id)) as string;
    const ben = await createLogin();
    for (const verb of ["preview", "accept", "decline"]) {
      await expect(call(verb, ben.client, spoilt)).rejects.toMatchObject(NOT_FOUND);
    }
    const control = await inviteTo(ada);
    await acceptInvitation(ben.client, control.token);
  });

  test("is in no column of any table", async () => {
    const ben = await createLogin();
    const { id, token } = await inviteTo(ada, { maxUses: 2 });
    const resent = await resendInvitation(ada.client, id);
    await acceptInvitation(ben.client, resent);
    const tables = await asOwner()<{ name: string }[]>`
      select format('%I.%I', n.nspname, c.relname) as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'm') and n.nspname not like 'pg_%'
        and n.nspname <> 'information_schema'
        and has_table_privilege(c.oid, 'select')`;
    const rowsWith = async (text: string) => {
      const found = await Promise.all(
        tables.map(async ({ name }) => {
          const [{ rows } = { rows: 0 }] = await asOwner().unsafe<{ rows: number }[]>(
            `select count(*)::int as rows from ${name} t where position($1 in t::text) > 0`,
            [text],
          );
          return rows > 0 ? [name] : [];
        }),
      );
      return found.flat();
    };
    expect(await rowsWith(token)).toEqual([]);
    expect(await rowsWith(resent)).toEqual([]);
    expect(await rowsWith(id)).toEqual(
      expect.arrayContaining(["public.invitations", "private.invitation_tokens"]),
    );
  });
});

describe("an admin", () => {
  test("lists the invitations of their tenant, page by page", async () => {
    const owner = await createOwner();
    const ids: string[] = [];
    for (let i = 0; i < 3; i += 1) ids.unshift((await inviteTo(owner)).id);
    await revokeInvitation(owner.client, ids[0] as string);
    const list = async (options = {}) => {
      const { invitations, next } = await listInvitations(owner.client, options);
      return { ids: invitations.map(({ id }) => id), next };
    };
    expect((await list()).ids).toEqual(ids);
    const { ids: first, next } = await list({ pending: true, limit: 1 });
    expect(first).toEqual(ids.slice(1, 2));
    expect(await list({ pending: true, limit: 1, after: next })).toEqual({
      ids: ids.slice(2),
      next: null,
    });
  });

  test("sends an invitation again: it gets a new token, and its time starts again", async () => {
    const ben = await createLogin();
    const { id } = await inviteTo(ada, { email: ben.email, days: 3 });
    await expire(id);
    const token = await resendInvitation(ada.client, id);
    const { expires_at, last_sent_at, sent_count } = await stored(id);
    expect(sent_count).toBe(2);
    expect(Date.parse(expires_at) - Date.parse(last_sent_at)).toBe(3 * 86_400_000);
    await acceptInvitation(ben.client, token);
  });

  test.each(["accepted", "revoked"])("cannot send or revoke one that is %s", async (state) => {
    const { id, token } = await inviteTo(ada);
    if (state === "revoked") await revokeInvitation(ada.client, id);
    else await acceptInvitation((await createLogin()).client, token);
    for (const act of [resendInvitation, revokeInvitation]) {
      await expect(act(ada.client, id)).rejects.toMatchObject({ code: "55000" });
    }
  });

  test.each<[string, string, Parameters<typeof createInvitation>[1]]>([
    ["the role owner", "23514", { role: "owner" as never }],
    ["no address", "23514", { email: "nobody" }],
    ["no use", "23514", { maxUses: 0 }],
    ["1001 uses", "23514", { maxUses: 1001 }],
    ["an address and two uses", "23514", { email: "a@test.example", maxUses: 2 }],
    ["no time", "22023", { days: 0 }],
    ["more than 30 days", "22023", { days: 30.01 }],
  ])("cannot invite with %s", async (_name, code, values) => {
    const owner = await createOwner();
    await expect(inviteTo(owner, values)).rejects.toMatchObject({ code });
    expect((await listInvitations(owner.client)).invitations).toEqual([]);
    await inviteTo(owner, { days: 30, maxUses: 1000, role: "admin" });
  });
});

describe("seats", () => {
  test("limit who is invited, who accepts and who is activated", async () => {
    const owner = await createOwner({ seat_limit: 2 });
    const { token } = await inviteTo(owner, { maxUses: 5 });
    const [ben, eve] = [await createLogin(), await createLogin()];
    const { id } = await acceptInvitation(ben.client, token);
    const full = { code: "PT429", details: "The tenant has 2 seats." };
    await expect(acceptInvitation(eve.client, token)).rejects.toMatchObject(full);
    await expect(inviteTo(owner)).rejects.toMatchObject(full);
    await deactivateMember(owner.client, id);
    await acceptInvitation(eve.client, token);
    const args = { p_user_id: id, p_is_active: true };
    const { error, status } = await owner.client.rpc("set_member_active", args);
    expect([error?.code, status]).toEqual(["PT429", 429]);
  });
});

test("a tenant sends a limited number of invitations per day", async () => {
  const owner = await createOwner();
  const { id } = await inviteTo(owner, { email: newEmail() });
  const limit = await asOwner()<{ invitations_per_day: number }[]>`
    select invitations_per_day from private.platform_settings`;
  const sent = { sent_count: limit[0]?.invitations_per_day ?? 0 };
  await serviceClient().from("invitations").update(sent).eq("id", id).throwOnError();
  for (const act of [() => inviteTo(owner), () => resendInvitation(owner.client, id)]) {
    await expect(act()).rejects.toMatchObject({
      code: "PT429",
      details: expect.stringMatching(/^Retry after (8639\d|86400) seconds\.$/),
    });
  }
  const aDayAgo = new Date(Date.now() - 86_400_000).toISOString();
  await serviceClient()
    .from("invitations")
    .update({ last_sent_at: aDayAgo })
    .eq("id", id)
    .throwOnError();
  await inviteTo(owner);
});

const NOT_FOUND = {
  code: "P0002",
  message: "invitation not found",
  hint: "It may be used up, expired or revoked. Ask for a new one.",
};

function call(verb: string, client: Client, token: string): Promise<unknown> {
  if (verb === "accept") return acceptInvitation(client, token);
  return verb === "preview" ? previewInvitation(client, token) : declineInvitation(client, token);
}

async function confirm({ account }: Login, at: Date | null) {
  await asOwner()`update auth.users set email_confirmed_at = ${at} where id = ${account}`;
}

/** Moves an invitation into the past, so that it expires. */
async function expire(id: string): Promise<undefined> {
  await asOwner()`
    update invitations
    set last_sent_at = last_sent_at - interval '31 days',
      expires_at = expires_at - interval '31 days'
    where id = ${id}`;
}
