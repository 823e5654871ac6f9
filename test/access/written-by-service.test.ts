// What the service role wrote into a member's conversation or session is not the member's to change.
import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must, stored } from "../support/rows.ts";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant());
});

describe.each([
  ["messages", "conversations", "conversation_id"],
  ["conversation_messages", "conversation_sessions", "session_id"],
] as const)("%s", (table, parents, column) => {
  const parent = async () => (await createRow(parents, ada)).id;
  const insert = async (client: Member["client"], id: string) => {
    const row = { [column]: id, role: "assistant", content: "The answer" };
    return must(
      await client
        .from(table)
        .insert(row as never)
        .select("*")
        .single(),
    );
  };
  const change = (id: string) => ({
    update: () => ada.client.from(table).update({ content: "Forged" }).eq("id", id).select(),
    delete: () => ada.client.from(table).delete().eq("id", id).select(),
  });

  test("of the service role: a member reads them, and cannot change them", async () => {
    const message = await insert(serviceClient(), await parent());
    expect(message.written_by).toBe("service");
    for (const request of Object.values(change(message.id))) {
      expect(await request()).toMatchObject({ error: null, data: [] });
    }
    const { data } = await ada.client.from(table).select().eq("id", message.id);
    expect(data).toEqual([message]);
  });

  test("of the member: the member can change them", async () => {
    const message = await insert(ada.client, await parent());
    expect(message.written_by).toBe("member");
    for (const request of Object.values(change(message.id))) {
      expect((await request()).data).toHaveLength(1);
    }
    expect(await stored(table, { id: message.id })).toEqual([]);
  });

  test("of the service role are deleted with the whole conversation or session", async () => {
    const id = await parent();
    const message = await insert(serviceClient(), id);
    const { data } = await ada.client.from(parents).delete().eq("id", id).select("id");
    expect(data).toEqual([{ id }]);
    expect(await stored(table, { id: message.id })).toEqual([]);
  });

  test("cannot be claimed by a member", async () => {
    const claim = { [column]: await parent(), role: "user", content: "Hi", written_by: "service" };
    const { error } = await ada.client.from(table).insert(claim as never);
    expect(error?.code).toBe("42501");
  });
});

test("a member cannot delete ratings by deleting the service role's message", async () => {
  const { id: conversation_id } = await createRow("conversations", ada);
  const message = { conversation_id, role: "assistant", content: "The answer" } as const;
  const { id } = must(await serviceClient().from("messages").insert(message).select().single());
  const rating = await createRow("feedback", ada, { message_id: id });
  await ada.client.from("messages").delete().eq("id", id).throwOnError();
  expect(await stored("feedback", { id: rating.id })).toEqual([rating]);
});
