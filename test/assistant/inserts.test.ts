import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { getConversation, listSessionMessages, type ServiceInsert } from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

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

describe("the rows of one request keep their order:", () => {
  const said = Array.from({ length: 10 }, (_, i) => `message ${i}`);
  const row = (content: string) => ({ role: "user", content }) as const;

  test.each(["the member", "the service role"])("messages of %s", async (who) => {
    const client = who === "the member" ? ada.client : serviceClient();
    for (let round = 0; round < 5; round += 1) {
      const { id: conversation_id } = await createRow("conversations", ada);
      const rows = said.map((content) => ({ ...row(content), conversation_id }));
      must(await client.from("messages").insert(rows).select());
      const opened = await getConversation(ada.client, conversation_id);
      expect(opened?.messages.map(({ content }) => content)).toEqual(said);
      expect(opened?.messages.map(({ position }) => position)).toEqual(said.map((_, i) => i + 1));
      const ids = opened?.messages.map(({ id }) => id);
      expect(ids).toEqual(ids?.toSorted());
    }
  });

  test.each(["first", "second"])("messages of the account's %s session", async () => {
    const { id: session_id } = await createRow("conversation_sessions", ada);
    for (const half of [said.slice(0, 4), said.slice(4)]) {
      const rows = half.map((content) => ({ ...row(content), session_id }));
      must(await ada.client.from("conversation_messages").insert(rows).select());
    }
    const { messages } = await listSessionMessages(ada.client, session_id);
    expect(messages.map(({ content }) => content)).toEqual(said);
    expect(messages.map(({ position }) => position)).toEqual(said.map((_, i) => i + 1));
  });

  test("messages of several conversations", async () => {
    const [first, second] = [
      await createRow("conversations", ada),
      await createRow("conversations", ada),
    ];
    const rows = said.map((content, i) => {
      return { ...row(content), conversation_id: i % 2 === 0 ? first.id : second.id };
    });
    must(await ada.client.from("messages").insert(rows).select());
    const opened = await getConversation(ada.client, second.id);
    expect(opened?.messages.map(({ content }) => content)).toEqual(
      said.filter((_, i) => i % 2 === 1),
    );
  });

  test("ids of one transaction ascend", async () => {
    const rows = await asOwner()<{ id: string }[]>`
      select private.uuid_v7() as id from generate_series(1, 1000)`;
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].toSorted());
  });
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
    const attempts = [id, randomUUID()].flatMap((conversation_id): ServiceInsert<"messages">[] => [
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
