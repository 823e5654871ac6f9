import { expect, test } from "vitest";
import { createConversation, createMember, createTenant } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";

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

test("a demoted admin loses the tenant's settings at once", async () => {
  const admin = await createMember(await createTenant(), { role: "admin" });
  const rename = async () =>
    (await admin.client.from("tenants").update({ name: "Mine" }).eq("id", admin.tenant_id).select())
      .data?.length;
  expect(await rename()).toBe(1);
  await service().from("users").update({ role: "user" }).eq("id", admin.id);
  expect(await rename()).toBe(0);
});
