import { beforeAll, describe, expect, test } from "vitest";
import { appendToAiConversation } from "../../src/index.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let ada: Login;

beforeAll(async () => {
  ada = await createLogin();
});

const say = (content: string) => [{ role: "user", content }];

describe("a chat", () => {
  test("can be created without an id or an owner", async () => {
    const { data, error } = await ada.client
      .from("ai_conversations")
      .insert({ title: "New" })
      .select()
      .single();
    expect(error).toBeNull();
    expect(data).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      user_id: ada.account,
      messages: [],
      total_tokens: 0,
      total_cost: 0,
    });
  });

  test("stores appended messages, and adds up their tokens and cost", async () => {
    const { id } = await createRow("ai_conversations", ada);
    await appendToAiConversation(ada.client, id, say("one"), { tokens: 3, cost: 0.1 });
    const chat = await appendToAiConversation(ada.client, id, say("two"), { tokens: 4, cost: 0.2 });
    expect(chat).toMatchObject({
      messages: [...say("one"), ...say("two")],
      total_tokens: 7,
      total_cost: 0.3,
    });
  });

  test("loses no message when many requests append at once", async () => {
    const { id } = await createRow("ai_conversations", ada);
    const texts = Array.from({ length: 12 }, (_, i) => `message ${i}`);
    await Promise.all(
      texts.map((text) => appendToAiConversation(ada.client, id, say(text), { tokens: 1 })),
    );
    const { data } = await ada.client
      .from("ai_conversations")
      .select("messages, total_tokens")
      .eq("id", id)
      .single();
    expect(data?.messages.map(({ content }) => content).sort()).toEqual(texts.sort());
    expect(data?.total_tokens).toBe(texts.length);
  });

  test("sets updated_at when it changes", async () => {
    const { id } = await createRow("ai_conversations", ada, { updated_at: "2020-01-01" });
    const chat = await appendToAiConversation(ada.client, id, say("hi"));
    expect(Date.parse(chat.updated_at)).toBeGreaterThan(Date.parse("2026-01-01"));
    expect(Date.parse(chat.updated_at)).toBeGreaterThanOrEqual(Date.parse(chat.created_at));
  });

  test("cannot be changed by another account, even one with a chat of the same id", async () => {
    const other = await createLogin();
    const { id } = await createRow("ai_conversations", ada);
    const missing = { code: "P0002", message: `conversation ${id} not found` };
    await expect(appendToAiConversation(other.client, id, say("x"))).rejects.toMatchObject(missing);
    await expect(appendToAiConversation(serviceClient(), id, say("x"))).rejects.toMatchObject(
      missing,
    );
    await createRow("ai_conversations", other, { id });
    await appendToAiConversation(other.client, id, say("mine"));
    const { data } = await ada.client
      .from("ai_conversations")
      .select("messages")
      .eq("id", id)
      .single();
    expect(data?.messages).toEqual([]);
  });

  test.each([
    ["an object for messages", { p_messages: { role: "user" } }, /array, not object/],
    ["null messages", { p_messages: null }, /array, not null/],
    ["negative tokens", { p_tokens: -1 }, /must be finite and not negative/],
    ["a cost of NaN", { p_cost: "NaN" }, /must be finite and not negative/],
    ["a null cost", { p_cost: null }, /must be finite and not negative/],
  ])("rejects %s with 22023, and does not change", async (_name, args, message) => {
    const before = await createRow("ai_conversations", ada);
    const { error } = await ada.client.rpc("append_to_ai_conversation", {
      p_id: before.id,
      p_messages: say("hi"),
      ...args,
    } as never);
    expect([error?.code, error?.message]).toEqual(["22023", expect.stringMatching(message)]);
    const { data } = await ada.client
      .from("ai_conversations")
      .select()
      .eq("id", before.id)
      .single();
    expect(data).toEqual(before);
  });
});
