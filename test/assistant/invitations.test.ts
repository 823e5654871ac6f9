import { beforeAll, describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import {
  acceptInvitation,
  activateMember,
  createInvitation,
  createInvitationLink,
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

const inviteTo = async ({ client }: Member, values: Parameters<typeof createInvitation>[1]) =>
  createInvitation(client, values);

const linkTo = async (
  { client }: Member,
  values: Parameters<typeof createInvitationLink>[1] = {},
) => createInvitationLink(client, values);

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
      hint: expect.stringContaining("Send the pending invitation again"),
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

describe("an open link", () => {
  test("admits as many people as it has uses", async () => {
    const { id, token } = await linkTo(ada, { maxUses: 2 });
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
  ])("is no longer valid when the inviter is %s", async (_how, lose) => {
    const admin = await createMember({ id: ada.tenant_id }, { role: "admin" });
    const { token } = await linkTo(admin, { role: "admin", maxUses: 9 });
    await acceptInvitation((await createLogin()).client, token);
    const friend = await createLogin();
    const forAddress = await inviteTo(admin, { email: friend.email, role: "admin" });
    await lose(admin);
    const { client } = await createLogin();
    await expect(acceptInvitation(client, token)).rejects.toMatchObject(NOT_FOUND);
    const accepted = acceptInvitation(friend.client, forAddress.token);
    await expect(accepted).rejects.toMatchObject(NOT_FOUND);
  });

  test("is valid again when another admin sends it, who is then the inviter", async () => {
    const admin = await createMember({ id: ada.tenant_id }, { role: "admin" });
    const { id } = await linkTo(admin);
    await removeMember(ada.client, admin.id);
    const token = await resendInvitation(ada.client, id);
    expect((await stored(id)).invited_by).toBe(ada.id);
    await acceptInvitation((await createLogin()).client, token);
  });

  test("of the service role needs no admin", async () => {
    const token = await fixtures.tokenOf(await createRow("invitations", ada, { email: null }));
    await acceptInvitation((await createLogin()).client, token);
  });

  test("needs a confirmed address, too", async () => {
    const { token } = await linkTo(ada);
    const ben = await createLogin();
    await confirm(ben, null);
    await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject({ code: "42501" });
  });

  test("stays valid for others when somebody declines it", async () => {
    const { token } = await linkTo(ada);
    await declineInvitation((await createLogin()).client, token);
    await acceptInvitation((await createLogin()).client, token);
  });

  test("keeps its uses when a member accepts, and refuses a deactivated one", async () => {
    const { id, token } = await linkTo(ada);
    const member = await createMember({ id: ada.tenant_id });
    expect(await acceptInvitation(member.client, token)).toMatchObject({ id: member.id });
    expect((await stored(id)).uses).toBe(0);
    await deactivateMember(ada.client, member.id);
    await expect(acceptInvitation(member.client, token)).rejects.toMatchObject({ code: "42501" });
    expect((await stored(id)).uses).toBe(0);
  });

  test("refuses a removed member, until it is sent again", async () => {
    const ben = await createLogin();
    const { id, token } = await linkTo(ada, { maxUses: 5 });
    const { id: memberId } = await acceptInvitation(ben.client, token);
    await removeMember(ada.client, memberId);
    await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject({ code: "42501" });
    expect((await stored(id)).uses).toBe(1);
    const back = await acceptInvitation(ben.client, await resendInvitation(ada.client, id));
    expect(back).toMatchObject({ id: memberId, auth_id: ben.account, left_at: null });
  });
});

test("a removed member cannot come back through an old link by changing their address", async () => {
  const ben = await createLogin();
  const { token } = await linkTo(ada, { maxUses: 5 });
  const { id } = await acceptInvitation(ben.client, token);
  await removeMember(ada.client, id);
  const email = newEmail();
  await asOwner()`update auth.users set email = ${email} where id = ${ben.account}`;
  await expect(acceptInvitation(ben.client, token)).rejects.toMatchObject({ code: "42501" });
  const again = await inviteTo(ada, { email });
  expect(await acceptInvitation(ben.client, again.token)).toMatchObject({ id, email });
});

test("a former member's rows do not pass to the next holder of their address", async () => {
  const [first, second] = [await createLogin(), await createLogin()];
  const { email } = first;
  const { id } = await acceptInvitation(first.client, (await inviteTo(ada, { email })).token);
  await removeMember(ada.client, id);
  await asOwner()`update auth.users set email = ${newEmail()} where id = ${first.account}`;
  await asOwner()`update auth.users set email = ${email} where id = ${second.account}`;
  const { token } = await inviteTo(ada, { email });
  await expect(acceptInvitation(second.client, token)).rejects.toMatchObject({
    code: "42501",
    message: "a former member with another account has this address",
  });
  await asOwner()`delete from auth.users where id = ${first.account}`;
  expect(await acceptInvitation(second.client, token)).toMatchObject({ id });
});

test.each([
  [
    "an admin who activates them",
    async (member: Member, admin: Member) => {
      await deactivateMember(admin.client, member.id);
      return () => activateMember(admin.client, member.id);
    },
  ],
  [
    "an address that they take on",
    async (member: Member, admin: Member) => {
      await removeMember(admin.client, member.id);
      const email = newEmail();
      const joined = { email, created_at: "2020-01-01" };
      await createRow("users", { tenant_id: admin.tenant_id }, joined);
      return async () => {
        await asOwner()`update auth.users set email = ${email} where id = ${member.account}`;
      };
    },
  ],
])("a person's requests are not moved to another tenant by %s", async (_by, prepare) => {
  const owner = await createOwner();
  const ben = await createMember({ id: owner.tenant_id });
  const act = await prepare(ben, owner);
  const own = await createOwner();
  const { token } = await inviteTo(own, { email: ben.email });
  await acceptInvitation(ben.client, token);
  await act();
  expect(await listMyTenants(ben.client)).toMatchObject([
    { id: own.tenant_id, is_current: true },
    { id: owner.tenant_id, is_current: false },
  ]);
});

test("an address with letters that fold to ASCII is not taken for another one", async () => {
  const ben = await createLogin();
  const { token } = await inviteTo(ada, { email: ben.email });
  const eve = await createLogin();
  // The Kelvin sign, whose lower case is k.
  const lookalike = `\u212a${ben.email}`;
  await asOwner()`update auth.users set email = ${`k${ben.email}`} where id = ${ben.account}`;
  await asOwner()`update invitations set email = ${`k${ben.email}`} where email = ${ben.email}`;
  await asOwner()`update auth.users set email = ${lookalike} where id = ${eve.account}`;
  await expect(acceptInvitation(eve.client, token)).rejects.toMatchObject({ code: "42501" });
  await acceptInvitation(ben.client, token);
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
        const { token } = await linkTo(owner);
        const tenants = serviceClient().from("tenants");
        await tenants.update({ is_active: false }).eq("id", owner.tenant_id).throwOnError();
        return token;
      },
    ],
  ])("that is %s gets the same answer as an unknown one", async (_name, spoil) => {
    const { id, token } = await linkTo(ada);
    const spoilt = (await spoil(token, id)) as string;
    const ben = await createLogin();
    for (const verb of ["preview", "accept", "decline"]) {
      await expect(call(verb, ben.client, spoilt)).rejects.toMatchObject(NOT_FOUND);
    }
    const control = await linkTo(ada);
    await acceptInvitation(ben.client, control.token);
  });

  test("is in no column of any table", async () => {
    const ben = await createLogin();
    const { id, token } = await linkTo(ada, { maxUses: 2 });
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
    for (let i = 0; i < 3; i += 1) ids.unshift((await linkTo(owner)).id);
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
    const { id, token } = await linkTo(ada);
    if (state === "revoked") await revokeInvitation(ada.client, id);
    else await acceptInvitation((await createLogin()).client, token);
    for (const act of [resendInvitation, revokeInvitation]) {
      await expect(act(ada.client, id)).rejects.toMatchObject({ code: "55000" });
    }
  });

  const invalid = { code: "22023" };
  test.each<[string, (owner: Member) => Promise<unknown>, { code: string }]>([
    ["the role owner", (owner) => linkTo(owner, { role: "owner" as never }), invalid],
    ["no use", (owner) => linkTo(owner, { maxUses: 0 }), invalid],
    ["1001 uses", (owner) => linkTo(owner, { maxUses: 1001 }), invalid],
    ["no time", (owner) => linkTo(owner, { days: 0 }), invalid],
    ["more than 30 days", (owner) => linkTo(owner, { days: 30.01 }), invalid],
    [
      "an address and two uses",
      async ({ client }) => {
        const args = { p_email: newEmail(), p_max_uses: 2 };
        await client.rpc("create_invitation", args).throwOnError();
      },
      invalid,
    ],
    ["no address", (owner) => inviteTo(owner, { email: "nobody" }), { code: "23514" }],
    ["two addresses", (owner) => inviteTo(owner, { email: "a@b.example,c" }), { code: "23514" }],
  ])("cannot invite with %s", async (_name, invite, refusal) => {
    const owner = await createOwner();
    await expect(invite(owner)).rejects.toMatchObject(refusal);
    expect((await listInvitations(owner.client)).invitations).toEqual([]);
    await linkTo(owner, { days: 30, maxUses: 1000, role: "admin" });
  });
});

describe("seats", () => {
  test("limit who is invited, who accepts and who is activated", async () => {
    const owner = await createOwner({ seat_limit: 2 });
    const { token } = await linkTo(owner, { maxUses: 5 });
    const [ben, eve] = [await createLogin(), await createLogin()];
    const { id } = await acceptInvitation(ben.client, token);
    const full = { code: "PT429", details: "The tenant has 2 seats." };
    await expect(acceptInvitation(eve.client, token)).rejects.toMatchObject(full);
    await expect(linkTo(owner)).rejects.toMatchObject(full);
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
  for (const act of [() => linkTo(owner), () => resendInvitation(owner.client, id)]) {
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
  await linkTo(owner);
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
