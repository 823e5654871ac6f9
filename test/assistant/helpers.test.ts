import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  archiveConversation,
  callFunction,
  createConversation,
  getConversation,
  incrementUsage,
  listConversations,
  listDailyUsage,
  listFeedbackSummaries,
  listMonthlyUsage,
  listTodaysUsage,
  rateMessage,
  sendMessage,
  unarchiveConversation,
  unrateMessage,
} from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";

let ada: Member;
let colleague: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, colleague, outsider] = await Promise.all([
    createMember(acme, { role: "owner" }),
    createMember(acme),
    createMember(globex),
  ]);
});

/** Creates a member without rows in a new tenant. */
async function somebodyNew(): Promise<Member> {
  return createMember(await createTenant());
}

describe("listConversations", () => {
  const titles = (found: { title: string | null }[]) => found.map(({ title }) => title);

  test("paginates by latest activity, while conversations start and continue", async () => {
    const eve = await somebodyNew();
    const [first] = [await createConversation(eve.client, { title: "1" })];
    for (const title of ["2", "3", "4", "5"]) await createConversation(eve.client, { title });
    const page1 = await listConversations(eve.client, { limit: 2 });
    expect(titles(page1.conversations)).toEqual(["5", "4"]);
    await createConversation(eve.client, { title: "6" });
    const page2 = await listConversations(eve.client, { limit: 2, after: page1.next });
    expect(titles(page2.conversations)).toEqual(["3", "2"]);
    await sendMessage(eve.client, first.id, { content: "I am back" });
    const page3 = await listConversations(eve.client, { limit: 2, after: page2.next });
    // The first conversation is at the top of the list by now.
    expect([titles(page3.conversations), page3.next]).toEqual([[], null]);
    const top = await listConversations(eve.client, { limit: 2 });
    expect(titles(top.conversations)).toEqual(["1", "6"]);
  });

  test("returns each conversation once when several have the same updated_at", async () => {
    const eve = await somebodyNew();
    const { id: user_id, tenant_id } = eve;
    const rows = ["a", "b", "c"].map((title) => ({ user_id, tenant_id, title }));
    await serviceClient().from("conversations").insert(rows).throwOnError();
    const seen: (string | null)[] = [];
    let after = null;
    do {
      const page = await listConversations(eve.client, { limit: 1, after });
      seen.push(...titles(page.conversations));
      after = page.next;
    } while (after);
    expect(seen.sort()).toEqual(["a", "b", "c"]);
  });

  test("returns colleagues' conversations, or only those of the given member", async () => {
    const title = randomUUID();
    await createConversation(ada.client, { title });
    await createConversation(colleague.client, { title });
    const all = await listConversations(ada.client, { search: title });
    expect(all.conversations).toHaveLength(2);
    const hers = await listConversations(ada.client, { search: title, userId: ada.id });
    expect(hers.conversations).toMatchObject([{ user_id: ada.id }]);
    expect((await listConversations(outsider.client, { search: title })).conversations).toEqual([]);
  });

  test.each([
    ["in any letter case", "HOLIDAY", ["Holiday 100% off_season"]],
    ["with a literal %", "0% o", ["Holiday 100% off_season"]],
    ["with a literal _", "f_s", ["Holiday 100% off_season"]],
    ["with a % that is no wildcard", "Hol%season", []],
    ["with a comma and quotes", 'a, "b"', ['Paint a, "b" and (c)']],
    ["with parentheses", "(c)", ['Paint a, "b" and (c)']],
    ["with a backslash", "\\", []],
  ])("searches titles %s", async (_, search, expected) => {
    const eve = await somebodyNew();
    await createConversation(eve.client, { title: "Holiday 100% off_season" });
    await createConversation(eve.client, { title: 'Paint a, "b" and (c)' });
    const { conversations } = await listConversations(eve.client, { search });
    expect(titles(conversations)).toEqual(expected);
  });
});

describe("archiveConversation and unarchiveConversation", () => {
  test("move a conversation out of the list and back to its top", async () => {
    const eve = await somebodyNew();
    const { id } = await createConversation(eve.client, { title: "Old" });
    await createConversation(eve.client, { title: "New" });
    await archiveConversation(eve.client, id);
    const archived = { archived: true };
    expect((await listConversations(eve.client)).conversations).toMatchObject([{ title: "New" }]);
    expect((await listConversations(eve.client, archived)).conversations).toMatchObject([{ id }]);
    await unarchiveConversation(eve.client, id);
    expect((await listConversations(eve.client)).conversations[0]).toMatchObject({ id });
    expect((await listConversations(eve.client, archived)).conversations).toEqual([]);
  });

  test("refuse a colleague's conversation", async () => {
    const { id } = await createConversation(colleague.client);
    for (const move of [archiveConversation, unarchiveConversation]) {
      const refused = move(ada.client, id);
      await expect(refused).rejects.toMatchObject({ name: "DatabaseError", code: "PGRST116" });
    }
    expect(await archiveConversation(colleague.client, id)).toMatchObject({ is_archived: true });
    expect(await unarchiveConversation(colleague.client, id)).toMatchObject({ is_archived: false });
  });
});

describe("getConversation", () => {
  test("returns the newest messages with their ratings, then the older ones", async () => {
    const { id } = await createConversation(ada.client, { title: "Numbers" });
    for (const content of ["1", "2", "3", "4", "5"]) {
      await sendMessage(ada.client, id, { content });
    }
    const newest = await getConversation(colleague.client, id, { limit: 2 });
    expect(newest).toMatchObject({ id, title: "Numbers", messages: [{ content: "4" }, {}] });
    const [, last] = newest?.messages ?? [];
    expect(last).toMatchObject({ content: "5", role: "user", feedback: [] });
    await rateMessage(colleague.client, last?.id ?? "", 1, "Nice");
    await sendMessage(ada.client, id, { content: "6" });
    const older = await getConversation(ada.client, id, { limit: 2, before: newest?.next });
    expect(older?.messages.map(({ content }) => content)).toEqual(["2", "3"]);
    const oldest = await getConversation(ada.client, id, { limit: 2, before: older?.next });
    expect([oldest?.messages.map(({ content }) => content), oldest?.next]).toEqual([["1"], null]);
    const whole = await getConversation(ada.client, id);
    expect(whole?.messages.map(({ content }) => content)).toEqual(["1", "2", "3", "4", "5", "6"]);
    const rating = { rating: 1, comment: "Nice", user_id: colleague.id };
    expect(whole?.messages[4]?.feedback).toEqual([expect.objectContaining(rating)]);
  });

  test("returns a conversation without messages, and null to another tenant", async () => {
    const { id } = await createConversation(ada.client);
    expect(await getConversation(ada.client, id)).toMatchObject({ id, messages: [], next: null });
    expect(await getConversation(outsider.client, id)).toBeNull();
    expect(await getConversation(ada.client, randomUUID())).toBeNull();
  });
});

describe("sendMessage", () => {
  test("writes only to the caller's conversations", async () => {
    const { id } = await createConversation(ada.client);
    const message = { role: "assistant" as const, content: "Hello", model_used: "gpt-4o" };
    expect(await sendMessage(ada.client, id, message)).toMatchObject(message);
    for (const { client } of [colleague, outsider]) {
      const refused = sendMessage(client, id, { content: "Me too" });
      await expect(refused).rejects.toMatchObject({
        code: "42501",
        displayMessage: "You are not allowed to do that.",
      });
    }
  });
});

describe("rateMessage", () => {
  test("sets and changes a rating in one call each, and unrateMessage deletes it", async () => {
    const { id } = await createConversation(ada.client);
    const message = await sendMessage(ada.client, id, { role: "assistant", content: "42" });
    const first = await rateMessage(colleague.client, message.id, 1, "Right");
    const second = await rateMessage(colleague.client, message.id, -1);
    expect(second).toEqual({ ...first, rating: -1, comment: null });
    await rateMessage(ada.client, message.id, 1);
    const ratings = async () => {
      const opened = await getConversation(ada.client, id);
      return opened?.messages[0]?.feedback.map(({ user_id, rating }) => [user_id, rating]).sort();
    };
    const hers = [ada.id, 1];
    expect(await ratings()).toEqual([hers, [colleague.id, -1]].sort());
    expect(await unrateMessage(colleague.client, message.id)).toBe(true);
    expect(await unrateMessage(colleague.client, message.id)).toBe(false);
    expect(await ratings()).toEqual([hers]);
  });

  test("fails with the same code for another tenant's message and an unknown message", async () => {
    const { id } = await createConversation(ada.client);
    const message = await sendMessage(ada.client, id, { content: "Secret" });
    const codes = await Promise.all(
      [message.id, randomUUID()].map((id) =>
        rateMessage(outsider.client, id, 1).catch((e) => e.code),
      ),
    );
    expect(codes[0]).toMatch(/^(42501|23503)$/);
    expect(codes[0]).toBe(codes[1]);
  });
});

describe("listFeedbackSummaries", () => {
  test("paginates rated messages, latest first, and returns none to other tenants", async () => {
    const eve = await somebodyNew();
    const { id } = await createConversation(eve.client);
    const rated: string[] = [];
    for (const content of ["1", "2", "3"]) {
      const message = await sendMessage(eve.client, id, { role: "assistant", content });
      await rateMessage(eve.client, message.id, 1);
      rated.unshift(message.id);
    }
    const ids = (all: { message_id: string }[]) => all.map(({ message_id }) => message_id);
    const first = await listFeedbackSummaries(eve.client, { limit: 2 });
    const second = await listFeedbackSummaries(eve.client, { limit: 2, after: first.next });
    expect([ids(first.summaries), ids(second.summaries)]).toEqual([
      rated.slice(0, 2),
      rated.slice(2),
    ]);
    expect(second.next).toBeNull();
    expect(first.summaries[0]).toMatchObject({ conversation_id: id, positive_count: 1 });
    expect(
      (await listFeedbackSummaries(outsider.client, { conversationId: id })).summaries,
    ).toEqual([]);
  });

  test("returns only the summaries of the given conversation", async () => {
    const eve = await somebodyNew();
    const [one, other] = [
      await createConversation(eve.client),
      await createConversation(eve.client),
    ];
    for (const { id } of [one, other]) {
      const message = await sendMessage(eve.client, id, { content: "?" });
      await rateMessage(eve.client, message.id, -1);
    }
    const { summaries } = await listFeedbackSummaries(eve.client, { conversationId: one.id });
    expect(summaries).toMatchObject([{ conversation_id: one.id, negative_count: 1 }]);
    expect((await listFeedbackSummaries(eve.client)).summaries).toHaveLength(2);
  });
});

describe("incrementUsage", () => {
  test.each(["2026-01-01T23:30:00-05:00", "2026-01-01 00:00", "January 1, 2026", "tomorrow"])(
    "refuses %j as a day, which Postgres would cut, and counts nothing",
    async (date) => {
      const use = { tenantId: ada.tenant_id, userId: ada.id, promptTokens: 1, completionTokens: 0 };
      const refused = { code: "22007", message: expect.stringContaining("YYYY-MM-DD") };
      await expect(
        incrementUsage(serviceClient(), { ...use, date, cost: 0 }),
      ).rejects.toMatchObject(refused);
      await expect(listDailyUsage(ada.client, { from: date })).rejects.toMatchObject(refused);
      await expect(listMonthlyUsage(ada.client, { to: date })).rejects.toMatchObject(refused);
    },
  );

  test("adds a request to today's usage, but only for the service role", async () => {
    const { id, tenant_id, client } = await somebodyNew();
    const keys = { tenantId: tenant_id, userId: id };
    const use = { ...keys, promptTokens: 10, completionTokens: 5, cost: 0.5 };
    await incrementUsage(serviceClient(), use);
    expect(await incrementUsage(serviceClient(), use)).toMatchObject({
      date: new Date().toISOString().slice(0, 10),
      prompt_tokens: 20,
      completion_tokens: 10,
      estimated_cost: 1,
      request_count: 2,
    });
    await expect(incrementUsage(client, use)).rejects.toMatchObject({ code: "42501" });
    const negative = incrementUsage(serviceClient(), { ...use, cost: -1 });
    await expect(negative).rejects.toMatchObject({ code: "22023" });
  });
});

describe("callFunction", () => {
  test("returns the result of the function and throws its error", async () => {
    const p_session_id = randomUUID();
    expect(await callFunction(ada.client, "get_session_cost", { p_session_id })).toBe(0);
    expect(await callFunction(ada.client, "get_usage_stats")).toEqual([]);
    const refused = callFunction(ada.client, "complete_conversation_session", { p_session_id });
    await expect(refused).rejects.toMatchObject({ name: "DatabaseError", code: "P0002" });
  });
});

describe("usage", () => {
  const day = (back: number) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);

  test("is listed for today, by day and by month, and owners see all members", async () => {
    const tenant = await createTenant();
    const [olga, uli] = await Promise.all([
      createMember(tenant, { role: "owner" }),
      createMember(tenant),
    ]);
    const use = async (user: Member, date: string, tokens: number) => {
      const keys = { tenantId: tenant.id, userId: user.id, date };
      const counts = { promptTokens: tokens, completionTokens: 1, cost: 0.25 };
      await incrementUsage(serviceClient(), { ...keys, ...counts });
    };
    await use(olga, day(0), 10);
    await use(uli, day(0), 20);
    await use(uli, day(40), 30);
    const today = await listTodaysUsage(uli.client);
    expect(today).toMatchObject({ usage: [{ user_id: uli.id, total_tokens: 21 }], next: null });
    expect((await listTodaysUsage(olga.client)).usage).toHaveLength(2);
    const days = await listDailyUsage(uli.client, { from: day(50), to: day(0) });
    expect(days.usage.map(({ date, prompt_tokens }) => [date, prompt_tokens])).toEqual([
      [day(0), 20],
      [day(40), 30],
    ]);
    const hers = await listDailyUsage(olga.client, { from: day(1), userId: olga.id });
    expect(hers.usage).toHaveLength(1);
    expect((await listDailyUsage(olga.client, { to: day(41) })).usage).toEqual([]);
    const months = await listMonthlyUsage(uli.client, { from: day(40), to: day(0) });
    expect(months.usage.reduce((sum, { total_tokens }) => sum + total_tokens, 0)).toBe(52);
    expect((await listTodaysUsage(outsider.client)).usage).toEqual([]);
    const backwards = listMonthlyUsage(uli.client, { from: day(0), to: day(90) });
    await expect(backwards).rejects.toMatchObject({ code: "22023" });
  });
});
