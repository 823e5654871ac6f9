import { expect, test } from "vitest";
import {
  createConversation,
  createMember,
  createMessage,
  createTenant,
  type Member,
} from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createSession, createSessionMessage } from "../support/director.ts";
import { whatIfSignedIn } from "../support/what-if.ts";

const service = () => serviceClient();

test.each(["users", "tenants"] as const)(
  "switching off is_active in %s shuts a member out at once, switching it on lets them back in",
  async (table) => {
    const member = await createMember(await createTenant());
    await createConversation(member);
    const id = table === "users" ? member.id : member.tenant_id;
    const see = async () => (await member.client.from("conversations").select("id")).data?.length;
    const write = async () =>
      (await member.client.from("conversations").insert({ title: "Mine" })).error?.code;

    expect(await see()).toBe(1);
    await service().from(table).update({ is_active: false }).eq("id", id);
    expect([await see(), await write()]).toEqual([0, "42501"]);
    await service().from(table).update({ is_active: true }).eq("id", id);
    expect([await see(), await write()]).toEqual([1, undefined]);
  },
);

test.each([
  ["conversations", createConversation],
  ["messages", createMessage],
  ["conversation_sessions", createSession],
  [
    "conversation_messages",
    async (owner: Member) => createSessionMessage(await createSession(owner)),
  ],
] as const)(
  "somebody deactivated deletes none of their %s, not even with a request that names none",
  async (table, create) => {
    const member = await createMember(await createTenant());
    const { id } = await create(member);
    // Without a filter, the policy for reading has no say.
    const remaining = async () => {
      await member.client.from(table).delete().throwOnError();
      return (await service().from(table).select("id").eq("id", id)).data?.length;
    };
    await service().from("users").update({ is_active: false }).eq("id", member.id);
    expect(await remaining()).toBe(1);
    await service().from("users").update({ is_active: true }).eq("id", member.id);
    expect(await remaining()).toBe(0);
  },
);

// Each policy asks for the tenant, too, so that through the API no helper is alone with the answer.
test.each(["users", "tenants"] as const)(
  "whoever is switched off in %s is nobody to any of the helpers that policies ask",
  async (table) => {
    const owner = await createMember(await createTenant(), { role: "owner" });
    const id = table === "users" ? owner.id : owner.tenant_id;
    await whatIfSignedIn(owner, async (sql) => {
      const known = async () => {
        const [row] = await sql`
          select private.current_tenant_id() as tenant, private.current_user_id() as membership,
            private.is_tenant_admin() as "isAdmin"`;
        return row;
      };
      const { tenant_id: tenant, id: membership } = owner;
      expect(await known()).toEqual({ tenant, membership, isAdmin: true });
      await sql`update public.${sql(table)} set is_active = false where id = ${id}`;
      expect(await known()).toEqual({ tenant: null, membership: null, isAdmin: false });
    });
  },
);

test("a conversation is nobody's own under another tenant than its", async () => {
  const [owner, stranger] = [
    await createMember(await createTenant()),
    await createMember(await createTenant()),
  ];
  const { id } = await createConversation(owner);
  await whatIfSignedIn(owner, async (sql) => {
    const [row] = await sql`
      select private.owns_conversation(${id}, ${owner.tenant_id}) as own,
        private.owns_conversation(${id}, ${stranger.tenant_id}) as other`;
    expect(row).toEqual({ own: true, other: false });
  });
});

test("a demoted admin loses the tenant's settings at once", async () => {
  const admin = await createMember(await createTenant(), { role: "admin" });
  const rename = async () =>
    (await admin.client.from("tenants").update({ name: "Mine" }).eq("id", admin.tenant_id).select())
      .data?.length;
  expect(await rename()).toBe(1);
  await service().from("users").update({ role: "user" }).eq("id", admin.id);
  expect(await rename()).toBe(0);
});
