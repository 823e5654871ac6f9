import { beforeAll, describe, expect, test } from "vitest";
import { appendToAiConversation } from "../../src/index.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

let ada: Login;

beforeAll(async () => {
  ada = await createLogin();
});

const chat = async (id: string) =>
  must(await ada.client.from("ai_conversations").select().eq("id", id).single());

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
    const totals = await appendToAiConversation(ada.client, id, say("two"), {
      tokens: 4,
      cost: 0.2,
    });
    const { messages, ...stored } = await chat(id);
    expect(messages).toEqual([...say("one"), ...say("two")]);
    expect(totals).toMatchObject({ id, message_count: 2, total_tokens: 7, total_cost: 0.3 });
    expect(stored).toMatchObject({ total_tokens: 7, total_cost: 0.3 });
  });

  test("writes nothing when there is nothing to add", async () => {
    const { id } = await createRow("ai_conversations", ada, { messages: say("one") });
    const version = async () => {
      const [row] = await asOwner()`
        select xmin::text, ctid::text from ai_conversations where id = ${id}`;
      return row;
    };
    const before = await version();
    const totals = await appendToAiConversation(ada.client, id, []);
    expect(totals).toMatchObject({ id, message_count: 1, total_tokens: 0, total_cost: 0 });
    expect(await version()).toEqual(before);
    await expect(appendToAiConversation(ada.client, "unknown", [])).rejects.toMatchObject({
      code: "P0002",
    });
  });

  test("adds tokens without messages", async () => {
    const { id } = await createRow("ai_conversations", ada, { messages: say("one") });
    const totals = await appendToAiConversation(ada.client, id, [], { tokens: 5 });
    expect(totals).toMatchObject({ id, message_count: 1, total_tokens: 5 });
    expect((await chat(id)).messages).toEqual(say("one"));
  });

  test("refuses to grow beyond 4 MB, and keeps the messages", async () => {
    const messages = say("x".repeat(3 * 1024 * 1024));
    const { id } = await createRow("ai_conversations", ada, { messages });
    await expect(appendToAiConversation(ada.client, id, messages)).rejects.toMatchObject({
      code: "23514",
    });
    expect((await chat(id)).messages).toEqual(messages);
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
    const { updated_at } = await appendToAiConversation(ada.client, id, say("hi"));
    const stored = await chat(id);
    expect(updated_at).toBe(stored.updated_at);
    expect(Date.parse(updated_at)).toBeGreaterThan(Date.parse("2026-01-01"));
    expect(Date.parse(updated_at)).toBeGreaterThanOrEqual(Date.parse(stored.created_at));
  });

  test("cannot be changed by another account, even one with a chat of the same id", async () => {
    const other = await createLogin();
    const { id } = await createRow("ai_conversations", ada);
    const missing = { code: "P0002", message: `conversation ${id} not found` };
    await expect(appendToAiConversation(other.client, id, say("x"))).rejects.toMatchObject(missing);
    await expect(appendToAiConversation(serviceClient(), id, say("x"))).rejects.toMatchObject(
      missing,
    );
    // An append of nothing only reads, but must not tell the totals of another account's chat.
    await expect(appendToAiConversation(serviceClient(), id, [])).rejects.toMatchObject(missing);
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
