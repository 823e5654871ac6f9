import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  activateMember,
  deactivateMember,
  leaveTenant,
  listConversations,
  listMembers,
  removeMember,
  setMemberRole,
  type Tables,
  transferOwnership,
} from "../../src/index.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, type Client, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

/** A tenant with an owner, an admin and a plain user. */
async function createTeam() {
  const tenant = await createTenant();
  const [owner, admin, user] = await Promise.all([
    createMember(tenant, { role: "owner" }),
    createMember(tenant, { role: "admin" }),
    createMember(tenant),
  ]);
  return { tenant, owner, admin, user };
}

const storedMember = async ({ id }: { id: string }): Promise<Tables<"users">> =>
  must(await serviceClient().from("users").select().eq("id", id).single());

const LAST_OWNER = {
  code: "55000",
  message: expect.stringContaining("would have no owner"),
  hint: expect.stringContaining("Transfer the ownership first"),
};

describe("an admin", () => {
  test("makes a plain user an admin, and back", async () => {
    const { admin, user } = await createTeam();
    await setMemberRole(admin.client, user.id, "admin");
    expect((await storedMember(user)).role).toBe("admin");
    await setMemberRole(admin.client, user.id, "user");
    expect((await storedMember(user)).role).toBe("user");
  });

  test.each<[string, (client: Client, owner: Member, user: Member) => Promise<void>]>([
    ["make a member an owner", (client, _, user) => setMemberRole(client, user.id, "owner")],
    ["demote an owner", (client, owner) => setMemberRole(client, owner.id, "user")],
    ["deactivate an owner", (client, owner) => deactivateMember(client, owner.id)],
    ["remove an owner", (client, owner) => removeMember(client, owner.id)],
    ["transfer the ownership", (client, _, user) => transferOwnership(client, user.id)],
  ])("cannot %s, and an owner can", async (_name, act) => {
    const { tenant, owner, admin, user } = await createTeam();
    const second = await createMember(tenant, { role: "owner" });
    const before = await Promise.all([storedMember(owner), storedMember(user)]);
    await expect(act(admin.client, owner, user)).rejects.toMatchObject({ code: "42501" });
    expect(await Promise.all([storedMember(owner), storedMember(user)])).toEqual(before);
    await act(second.client, owner, user);
    expect(await Promise.all([storedMember(owner), storedMember(user)])).not.toEqual(before);
  });

  test("deactivates a member, who then sees nothing, and activates them again", async () => {
    const { admin, user } = await createTeam();
    await createRow("conversations", user);
    const seen = async () => (await listConversations(user.client)).conversations.length;
    expect(await seen()).toBe(1);
    await deactivateMember(admin.client, user.id);
    expect(await seen()).toBe(0);
    await activateMember(admin.client, user.id);
    expect(await seen()).toBe(1);
  });

  test("removes a member, whose rows stay", async () => {
    const { admin, user } = await createTeam();
    const { id } = await createRow("conversations", user);
    await removeMember(admin.client, user.id);
    const { auth_id, is_active, left_at, email } = await storedMember(user);
    expect([auth_id, is_active, email]).toEqual([null, false, user.email]);
    expect(left_at).not.toBeNull();
    expect((await listConversations(user.client)).conversations).toEqual([]);
    const { conversations } = await listConversations(admin.client);
    expect(conversations.map((conversation) => conversation.id)).toEqual([id]);
    const listed = (await listMembers(admin.client)).map((member) => member.id);
    expect(listed).toContain(admin.id);
    expect(listed).not.toContain(user.id);
    const all = await listMembers(admin.client, { former: true });
    expect(all).toContainEqual(
      expect.objectContaining({ id: user.id, former_auth_id: user.account }),
    );
  });

  test("who was demoted loses the right at once", async () => {
    const { owner, admin, user } = await createTeam();
    await setMemberRole(owner.client, admin.id, "user");
    await expect(removeMember(admin.client, user.id)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("a former member", () => {
  test("cannot be changed, and is not linked when the account confirms its address", async () => {
    const { owner, user } = await createTeam();
    await removeMember(owner.client, user.id);
    for (const act of [
      () => setMemberRole(owner.client, user.id, "admin"),
      () => activateMember(owner.client, user.id),
      () => removeMember(owner.client, user.id),
    ]) {
      await expect(act()).rejects.toMatchObject({ code: "P0002" });
    }
    await asOwner()`update auth.users set email_confirmed_at = now() where id = ${user.account}`;
    expect((await storedMember(user)).auth_id).toBeNull();
  });

  test("is linked again when the service role restores the membership", async () => {
    const { owner, user } = await createTeam();
    await removeMember(owner.client, user.id);
    const users = serviceClient().from("users");
    await users.update({ left_at: null, is_active: true }).eq("id", user.id).throwOnError();
    expect(await storedMember(user)).toMatchObject({ auth_id: user.account, role: "user" });
  });
});

describe("a member", () => {
  test("leaves the tenant that the request is for", async () => {
    const { user } = await createTeam();
    await leaveTenant(user.client);
    expect((await storedMember(user)).left_at).not.toBeNull();
    await expect(leaveTenant(user.client)).rejects.toMatchObject({ code: "42501" });
  });

  test.each([
    ["an unknown role", (client: Client, id: string) => setMemberRole(client, id, "god" as never)],
    [
      "a transfer to another role",
      (client: Client, id: string) => transferOwnership(client, id, { role: "owner" as never }),
    ],
    [
      "no state",
      async (client: Client, id: string) => {
        const args = { p_user_id: id, p_is_active: null as never };
        await client.rpc("set_member_active", args).throwOnError();
      },
    ],
  ])("cannot be given %s", async (_name, act) => {
    const { owner, user } = await createTeam();
    const before = await storedMember(user);
    await expect(act(owner.client, user.id)).rejects.toMatchObject({ code: "22023" });
    expect(await storedMember(user)).toEqual(before);
  });
});

describe("the ownership", () => {
  test.each(["admin", "user"] as const)(
    "passes to another member, and the caller becomes %s",
    async (role) => {
      const { owner, user } = await createTeam();
      await transferOwnership(owner.client, user.id, { role });
      expect((await storedMember(user)).role).toBe("owner");
      expect((await storedMember(owner)).role).toBe(role);
    },
  );

  test("cannot pass to the caller, nor to a member who cannot sign in", async () => {
    const { tenant, owner, user } = await createTeam();
    const waiting = await createRow("users", { tenant_id: tenant.id });
    await deactivateMember(owner.client, user.id);
    const transfer = (id: string) => transferOwnership(owner.client, id);
    await expect(transfer(owner.id)).rejects.toMatchObject({ code: "22023" });
    await expect(transfer(waiting.id)).rejects.toMatchObject({ code: "P0002" });
    await expect(transfer(user.id)).rejects.toMatchObject({ code: "P0002" });
    await expect(transfer(randomUUID())).rejects.toMatchObject({ code: "P0002" });
    await activateMember(owner.client, user.id);
    await transfer(user.id);
  });
});

describe("the last owner who can sign in", () => {
  test.each<[string, (owner: Member) => Promise<unknown>]>([
    ["leave", ({ client }) => leaveTenant(client)],
    ["be removed", ({ client, id }) => removeMember(client, id)],
    ["be demoted", ({ client, id }) => setMemberRole(client, id, "admin")],
    ["be deactivated", ({ client, id }) => deactivateMember(client, id)],
    ["be demoted by the service role", ({ id }) => byService(id, { role: "user" })],
    ["be deactivated by the service role", ({ id }) => byService(id, { is_active: false })],
    ["be unlinked by the service role", ({ id }) => byService(id, { auth_id: null })],
    [
      "be moved by the service role",
      async ({ id }) => byService(id, { tenant_id: (await createTenant()).id }),
    ],
    [
      "be deleted by the service role",
      async ({ id }) => serviceClient().from("users").delete().eq("id", id).throwOnError(),
    ],
  ])("cannot %s, unless there is another owner", async (_name, act) => {
    const { tenant, owner } = await createTeam();
    // Neither of them can sign in to the tenant.
    await createRow("users", { tenant_id: tenant.id }, { role: "owner" });
    const inactive = await createMember(tenant, { role: "owner", is_active: false });
    const before = await storedMember(owner);
    await expect(act(owner)).rejects.toMatchObject(LAST_OWNER);
    expect(await storedMember(owner)).toEqual(before);
    await byService(inactive.id, { is_active: true });
    await act(owner);
    const [left] = await asOwner()`
      select count(*)::int as owners from users
      where id = ${owner.id} and tenant_id = ${tenant.id}
        and role = 'owner' and is_active and auth_id is not null`;
    expect(left?.owners).toBe(0);
  });

  async function byService(id: string, change: Partial<Tables<"users">>) {
    await serviceClient().from("users").update(change).eq("id", id).throwOnError();
  }

  test("can be demoted in a deactivated tenant", async () => {
    const { tenant, owner } = await createTeam();
    const tenants = serviceClient().from("tenants");
    await tenants.update({ is_active: false }).eq("id", tenant.id).throwOnError();
    await byService(owner.id, { role: "user" });
  });

  test("can be deleted with the tenant or the account", async () => {
    const { tenant } = await createTeam();
    await serviceClient().from("tenants").delete().eq("id", tenant.id).throwOnError();
    const { owner } = await createTeam();
    await asOwner()`delete from auth.users where id = ${owner.account}`;
    expect((await storedMember(owner)).auth_id).toBeNull();
    const { owner: softly } = await createTeam();
    await asOwner()`update auth.users set deleted_at = now() where id = ${softly.account}`;
    expect((await storedMember(softly)).auth_id).toBeNull();
  });

  test("stays protected when the same transaction deletes another account", async () => {
    const { owner } = await createTeam();
    const stranger = await createLogin();
    const both = asOwner().begin(async (sql) => {
      await sql`delete from auth.users where id = ${stranger.account}`;
      await sql`update users set role = 'user' where id = ${owner.id}`;
    });
    await expect(both).rejects.toMatchObject({ code: "55000" });
  });
});
