import { describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

const tables = ["conversations", "messages", "feedback", "usage_metrics"] as const;

/** Creates a member with a conversation, a message, feedback on it and, optionally, usage. */
async function busyMember(options: { usage: boolean; tenant?: { id: string } }): Promise<Member> {
  const member = await createMember(options.tenant ?? (await createTenant()));
  const { id } = await createRow("messages", member);
  must(await member.client.from("feedback").insert({ message_id: id, rating: 1 }).select());
  if (options.usage) {
    must(await serviceClient().from("usage_metrics").insert({ user_id: member.id }).select());
  }
  return member;
}

/** Returns the number of a tenant's rows in each table, in the order of `tables`. */
async function rowsOf(tenant_id: string) {
  const counts = tables.map(async (table) => {
    const all = serviceClient().from(table).select("*", { count: "exact", head: true });
    return (await all.eq("tenant_id", tenant_id)).count;
  });
  return Promise.all(counts);
}

const service = () => serviceClient();

test("deleting a tenant removes all of its rows and no row of another tenant", async () => {
  const [gone, kept] = [await busyMember({ usage: true }), await busyMember({ usage: true })];
  const { error } = await service().from("tenants").delete().eq("id", gone.tenant_id);
  expect(error).toBeNull();
  expect(await rowsOf(gone.tenant_id)).toEqual([0, 0, 0, 0]);
  expect(await rowsOf(kept.tenant_id)).toEqual([1, 1, 1, 1]);
  const members = await service().from("users").select("id").eq("tenant_id", gone.tenant_id);
  expect(members.data).toEqual([]);
});

describe("deleting a membership", () => {
  test("removes its conversations, messages and feedback", async () => {
    const user = await busyMember({ usage: false });
    expect((await service().from("users").delete().eq("id", user.id)).error).toBeNull();
    expect(await rowsOf(user.tenant_id)).toEqual([0, 0, 0, 0]);
  });

  test("is refused while it has usage, with a hint, and removes nothing", async () => {
    const user = await busyMember({ usage: true });
    const { error } = await service().from("users").delete().eq("id", user.id);
    expect(error).toMatchObject({
      code: "23503",
      message: expect.stringContaining(user.id),
      hint: expect.stringContaining("is_active = false"),
    });
    expect(await rowsOf(user.tenant_id)).toEqual([1, 1, 1, 1]);
  });

  test("is not refused because of the usage of another tenant's member with the same id", async () => {
    const user = await busyMember({ usage: false });
    const namesake = await createRow("users", await createMember(await createTenant()), {
      id: user.id,
    });
    await createRow("usage_metrics", { ...user, tenant_id: namesake.tenant_id });
    const membership = service().from("users").delete().match({ id: user.id });
    expect((await membership.eq("tenant_id", user.tenant_id)).error).toBeNull();
    const refused = service().from("users").delete().eq("id", user.id);
    expect((await refused.eq("tenant_id", namesake.tenant_id)).error?.code).toBe("23503");
  });

  test("does not change the rows of colleagues", async () => {
    const leaver = await busyMember({ usage: false });
    await busyMember({ usage: true, tenant: { id: leaver.tenant_id } });
    expect((await service().from("users").delete().eq("id", leaver.id)).error).toBeNull();
    expect(await rowsOf(leaver.tenant_id)).toEqual([1, 1, 1, 1]);
  });
});

test("deleting a conversation removes its messages and their feedback", async () => {
  const user = await busyMember({ usage: false });
  must(await user.client.from("conversations").delete().eq("user_id", user.id).select());
  expect(await rowsOf(user.tenant_id)).toEqual([0, 0, 0, 0]);
});

test("deleting an account unlinks its membership and keeps it", async () => {
  const user = await busyMember({ usage: false });
  await asOwner()`delete from auth.users where id = ${user.account}`;
  const membership = must(await service().from("users").select().eq("id", user.id).single());
  expect(membership).toMatchObject({ auth_id: null, email: user.email, is_active: true });
  expect(await rowsOf(user.tenant_id)).toEqual([1, 1, 1, 0]);
});
