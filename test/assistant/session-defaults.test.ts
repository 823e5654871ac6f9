import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

let ben: Member;

beforeAll(async () => {
  ben = await createMember(await createTenant());
});

describe("a signed-in member can omit the tenant and the user", () => {
  test("in a conversation", async () => {
    const row = must(
      await ben.client.from("conversations").insert({ title: "Mine" }).select().single(),
    );
    expect(row).toMatchObject({ tenant_id: ben.tenant_id, user_id: ben.id, is_archived: false });
  });

  test("in a message", async () => {
    const { id } = await createRow("conversations", ben);
    const row = must(
      await ben.client
        .from("messages")
        .insert({ conversation_id: id, role: "user", content: "Hello" })
        .select()
        .single(),
    );
    expect(row).toMatchObject({ tenant_id: ben.tenant_id, metadata: {} });
  });

  test("in feedback", async () => {
    const { id } = await createRow("messages", ben);
    const row = must(
      await ben.client.from("feedback").insert({ message_id: id, rating: 1 }).select().single(),
    );
    expect(row).toMatchObject({ tenant_id: ben.tenant_id, user_id: ben.id });
  });

  test("even when a bulk insert sends the missing key as null", async () => {
    const { id } = await createRow("conversations", ben);
    const message = { conversation_id: id, role: "user", content: "Hello" } as const;
    const inserted = await ben.client
      .from("messages")
      .insert([message, { ...message, tenant_id: ben.tenant_id }]);
    expect(inserted.error).toBeNull();
    const rows = must(await ben.client.from("messages").select().eq("conversation_id", id));
    expect(rows.map(({ tenant_id }) => tenant_id)).toEqual([ben.tenant_id, ben.tenant_id]);
  });
});

describe("when the service role inserts", () => {
  test("a conversation, it gets the tenant of its user", async () => {
    const row = must(
      await serviceClient().from("conversations").insert({ user_id: ben.id }).select().single(),
    );
    expect(row.tenant_id).toBe(ben.tenant_id);
  });

  test("a message, it gets the tenant of its conversation", async () => {
    const { id } = await createRow("conversations", ben);
    const row = must(
      await serviceClient()
        .from("messages")
        .insert({ conversation_id: id, role: "assistant", content: "Hello" })
        .select()
        .single(),
    );
    expect(row.tenant_id).toBe(ben.tenant_id);
  });

  test("feedback, it gets the tenant of its message", async () => {
    const { id } = await createRow("messages", ben);
    const row = must(
      await serviceClient()
        .from("feedback")
        .insert({ message_id: id, user_id: ben.id, rating: -1 })
        .select()
        .single(),
    );
    expect(row.tenant_id).toBe(ben.tenant_id);
  });

  test("usage, it gets the tenant of its user", async () => {
    const row = must(
      await serviceClient().from("usage_metrics").insert({ user_id: ben.id }).select().single(),
    );
    expect(row.tenant_id).toBe(ben.tenant_id);
  });

  test.each([
    ["conversations", { user_id: randomUUID() }],
    ["messages", { conversation_id: randomUUID(), role: "user", content: "Hello" }],
    ["feedback", { message_id: randomUUID(), user_id: randomUUID(), rating: 1 }],
    ["usage_metrics", { user_id: randomUUID() }],
  ] as const)("%s without a parent, it fails with 23503", async (table, row) => {
    const { error } = await serviceClient()
      .from(table)
      .insert(row as never);
    expect(error?.code).toBe("23503");
  });
});

test("ids are UUIDs of version 7 and sort by their creation time", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.push((await createRow("conversations", ben)).id);
  expect(
    ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-/.test(id)),
  ).toBe(true);
  expect([...ids].sort()).toEqual(ids);
});
