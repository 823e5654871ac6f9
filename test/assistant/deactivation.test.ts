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

test("a demoted admin loses the tenant's settings at once", async () => {
  const admin = await createMember(await createTenant(), { role: "admin" });
  const rename = async () =>
    (await admin.client.from("tenants").update({ name: "Mine" }).eq("id", admin.tenant_id).select())
      .data?.length;
  expect(await rename()).toBe(1);
  await service().from("users").update({ role: "user" }).eq("id", admin.id);
  expect(await rename()).toBe(0);
});
