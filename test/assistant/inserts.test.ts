import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { TablesInsert } from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let ada: Member;
let ben: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, ben, outsider] = await Promise.all([
    createMember(acme, { role: "owner" }),
    createMember(acme),
    createMember(globex),
  ]);
});

describe("inserts", () => {
  test("a member cannot create a conversation in a colleague's name", async () => {
    const { error } = await ada.client.from("conversations").insert({ user_id: ben.id });
    expect(error?.code).toBe("42501");
    const own = await ada.client.from("conversations").insert({ user_id: ada.id });
    expect(own.error).toBeNull();
  });

  test("a member cannot create a conversation in another tenant", async () => {
    const { error } = await ada.client
      .from("conversations")
      .insert({ tenant_id: outsider.tenant_id, user_id: outsider.id });
    expect(error?.code).toBe("42501");
  });

  test("a member cannot write into a colleague's conversation", async () => {
    const { id } = await createRow("conversations", ben);
    const message = { conversation_id: id, role: "user", content: "Psst" } as const;
    expect((await ada.client.from("messages").insert(message)).error?.code).toBe("42501");
    expect((await ben.client.from("messages").insert(message)).error).toBeNull();
  });

  test("an unknown conversation and an invisible one fail with the same error", async () => {
    const { id } = await createRow("conversations", outsider);
    const message = { role: "user", content: "Hello?" } as const;
    const attempts = [id, randomUUID()].flatMap((conversation_id): TablesInsert<"messages">[] => [
      { ...message, conversation_id },
      { ...message, conversation_id, tenant_id: outsider.tenant_id },
    ]);
    const errors = await Promise.all(
      attempts.map(async (row) => (await ada.client.from("messages").insert(row)).error),
    );
    expect(errors[0]?.code).toBe("42501");
    for (const error of errors) expect(error).toEqual(errors[0]);
  });

  test("feedback on an unknown or another tenant's message fails with the same error", async () => {
    const { id } = await createRow("messages", outsider);
    const codes = await Promise.all(
      [id, randomUUID()].map(async (message_id) => {
        const { error } = await ada.client.from("feedback").insert({ message_id, rating: 1 });
        return [error?.code, error?.message, error?.details?.replaceAll(message_id, "…")];
      }),
    );
    expect(codes[0]?.[0]).toBe("23503");
    expect(codes[1]).toEqual(codes[0]);
  });

  test("a client cannot choose an id, because the id might be another tenant's", async () => {
    const id = randomUUID();
    const conversation_id = (await createRow("conversations", ada)).id;
    const message_id = (await createRow("messages", ada)).id;
    const attempts = [
      ada.client.from("conversations").insert({ id }),
      ada.client.from("messages").insert({ id, conversation_id, role: "user", content: "Hi" }),
      ada.client.from("feedback").insert({ id, message_id, rating: 1 }),
    ];
    for (const { error } of await Promise.all(attempts)) expect(error?.code).toBe("42501");
    const control = await ada.client.from("feedback").insert({ message_id, rating: 1 });
    expect(control.error).toBeNull();
  });

  test("two tenants can use the same ids", async () => {
    const id = randomUUID();
    for (const member of [ada, outsider]) {
      await createRow("conversations", member, { id });
      await createRow("messages", member, { id, conversation_id: id, content: member.email });
    }
    const { data } = await ada.client.from("messages").select("content").eq("id", id);
    expect(data).toEqual([{ content: ada.email }]);
  });

  test("where two tenants use an id, the service role must name the tenant", async () => {
    const id = randomUUID();
    await createRow("conversations", ada, { id });
    await createRow("conversations", outsider, { id });
    const message = { conversation_id: id, role: "system", content: "Hi" } as const;
    const service = serviceClient();
    expect((await service.from("messages").insert(message)).error?.code).toBe("21000");
    const named = await service.from("messages").insert({ ...message, tenant_id: ada.tenant_id });
    expect(named.error).toBeNull();
  });
});
