import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  getSessionCost,
  getSessionHistory,
  getSessionStats,
  listSessionMessages,
  type MessageCursor,
  type Tables,
} from "../../src/index.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let ada: Member;
let ben: Member;
let outsider: Member;
let session: Tables<"conversation_sessions">;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, ben, outsider] = await Promise.all([
    createMember(acme),
    createMember(acme),
    createMember(globex),
  ]);
  session = await createRow("conversation_sessions", ada);
  // Five messages. The three in the middle have the same time and position.
  const at = (second: number) => `2026-01-01T00:00:0${second}+00:00`;
  const messages = [
    ["5", "user", at(1), {}],
    [
      "2",
      "assistant",
      at(2),
      { provider: "openai", model_used: "gpt-4o", tokens_used: 10, cost_usd: 0.1, latency_ms: 100 },
    ],
    ["3", "tool", at(2), {}],
    [
      "4",
      "assistant",
      at(2),
      { provider: "openai", model_used: "gpt-4o", tokens_used: 20, cost_usd: 0.2, latency_ms: 200 },
    ],
    ["1", "system", "2026-01-02T00:00:00+00:00", {}],
  ] as const;
  for (const [i, [n, role, created_at, values]] of messages.entries()) {
    const id = `00000000-0000-4000-8000-00000000000${n}`;
    const session_id = session.id;
    await createRow("conversation_messages", ada, {
      session_id,
      id,
      role,
      created_at,
      position: [1, 2, 2, 2, 3][i] ?? 0,
      content: n,
      ...values,
    });
  }
});

const contents = (rows: { content: string }[] | null) => rows?.map(({ content }) => content);

describe("get_conversation_history", () => {
  const history = (p_limit?: number) =>
    ada.client.rpc("get_conversation_history", {
      p_session_id: session.id,
      ...(p_limit === undefined ? {} : { p_limit }),
    });

  test("returns all messages, oldest first, and sorts equal positions by id", async () => {
    expect(contents((await history()).data)).toEqual(["5", "2", "3", "4", "1"]);
  });

  test("returns the newest messages if there are more than the limit", async () => {
    expect(contents((await history(2)).data)).toEqual(["4", "1"]);
    expect(contents((await history(1)).data)).toEqual(["1"]);
    expect((await history(1000)).data).toHaveLength(5);
  });

  test("has a helper that returns the same", async () => {
    expect(contents(await getSessionHistory(ada.client, session.id))).toHaveLength(5);
    const newest = await getSessionHistory(ada.client, session.id, { limit: 2 });
    expect(contents(newest)).toEqual(["4", "1"]);
    expect(await getSessionHistory(outsider.client, session.id)).toEqual([]);
    const refused = getSessionHistory(ada.client, session.id, { limit: 1001 });
    await expect(refused).rejects.toMatchObject({ name: "DatabaseError", code: "22023" });
  });

  test.each([0, -1, 1001, null])("refuses a limit of %s with 22023", async (limit) => {
    expect((await history(limit as number)).error?.code).toBe("22023");
  });
});

describe("listSessionMessages", () => {
  test("paginates back to the first message without gaps or duplicates", async () => {
    const pages: (string[] | undefined)[] = [];
    let before: MessageCursor | null = null;
    do {
      const page = await listSessionMessages(ada.client, session.id, { before, limit: 2 });
      pages.push(contents(page.messages));
      before = page.next;
    } while (before);
    expect(pages).toEqual([["4", "1"], ["2", "3"], ["5"]]);
  });

  test("does not shift a page when a new message arrives", async () => {
    const busy = await createRow("conversation_sessions", ada);
    for (const content of ["a", "b", "c"]) {
      await createRow("conversation_messages", ada, { session_id: busy.id, content });
    }
    const first = await listSessionMessages(ada.client, busy.id, { limit: 2 });
    await createRow("conversation_messages", ada, { session_id: busy.id, content: "new" });
    const second = await listSessionMessages(ada.client, busy.id, { limit: 2, before: first.next });
    expect([contents(first.messages), contents(second.messages)]).toEqual([["b", "c"], ["a"]]);
    expect(second.next).toBeNull();
  });
});

describe("get_session_cost and get_session_message_stats", () => {
  test("add up the owner's session", async () => {
    expect(await getSessionCost(ada.client, session.id)).toBeCloseTo(0.3, 10);
    expect(await getSessionStats(ada.client, session.id)).toEqual({
      total_messages: 5,
      user_messages: 1,
      assistant_messages: 2,
      system_messages: 1,
      tool_messages: 1,
      total_tokens: 30,
      total_cost_usd: 0.3,
      average_latency_ms: 150,
      first_message_at: "2026-01-01T00:00:01+00:00",
      last_message_at: "2026-01-02T00:00:00+00:00",
    });
  });

  test("are 0 and empty for a session without messages", async () => {
    const { id } = await createRow("conversation_sessions", ada);
    expect(await getSessionCost(ada.client, id)).toBe(0);
    expect(await getSessionStats(ada.client, id)).toMatchObject({
      total_messages: 0,
      total_cost_usd: 0,
      average_latency_ms: null,
      first_message_at: null,
    });
  });
});

describe("every function that reads a session", () => {
  const readers = {
    get_conversation_history: [],
    get_session_cost: 0,
    get_session_message_stats: [expect.objectContaining({ total_messages: 0 })],
  } as const;

  test.each(Object.entries(readers))("%s returns nothing to other callers", async (fn, nothing) => {
    const name = fn as keyof typeof readers;
    const args = { p_session_id: session.id };
    for (const { client } of [ben, outsider, await createLogin()]) {
      expect((await client.rpc(name, args)).data).toEqual(nothing);
    }
    expect((await anonClient().rpc(name, args)).error?.code).toBe("42501");
    expect((await serviceClient().rpc(name, args)).data).not.toEqual(nothing);
    expect((await ada.client.rpc(name, args)).data).not.toEqual(nothing);
  });
});

describe("views", () => {
  test("provider_usage_stats shows each caller their own usage", async () => {
    const { data } = await ada.client.from("provider_usage_stats").select();
    expect(data).toEqual([
      {
        provider: "openai",
        model_used: "gpt-4o",
        message_count: 2,
        total_tokens: 30,
        total_cost_usd: 0.3,
        average_latency_ms: 150,
        first_used_at: "2026-01-01T00:00:02+00:00",
        last_used_at: "2026-01-01T00:00:02+00:00",
      },
    ]);
  });

  test("daily_message_volume shows each caller their own days", async () => {
    const { data } = await ada.client
      .from("daily_message_volume")
      .select()
      .lt("day", "2026-02-01")
      .order("day");
    expect(data).toMatchObject([
      { day: "2026-01-01", message_count: 4, session_count: 1, total_tokens: 30 },
      { day: "2026-01-02", message_count: 1, session_count: 1, total_tokens: 0 },
    ]);
  });

  test.each(["provider_usage_stats", "daily_message_volume"] as const)(
    "%s shows a colleague nothing and is closed to anon",
    async (view) => {
      expect((await ben.client.from(view).select()).data).toEqual([]);
      expect((await anonClient().from(view).select()).error?.code).toBe("42501");
    },
  );
});

test("the cost of a session with 10,000 messages is read by an index-only scan", async () => {
  const { id } = await createRow("conversation_sessions", ada);
  const sql = asOwner();
  await sql`
    insert into conversation_messages (session_id, user_id, role, content, cost_usd)
    select ${id}, ${ada.account}, 'assistant', repeat('x', 500), 0.001
    from generate_series(1, 10000)`;
  // Vacuum cannot mark pages as all-visible while other transactions write to them, so repeat it.
  const shareVisible = async () => {
    await sql`vacuum analyze conversation_messages`;
    const [pages] = await sql`
      select relallvisible / relpages::float as share from pg_class
      where oid = 'conversation_messages'::regclass`;
    return pages?.share;
  };
  await expect.poll(shareVisible, { timeout: 20_000 }).toBeGreaterThan(0.9);
  const plan = await sql.begin(async (transaction) => {
    await transaction`select set_config('request.jwt.claim.sub', ${ada.account}, true)`;
    await transaction`set local role authenticated`;
    return transaction`
      explain (analyze, costs off, timing off)
      select coalesce(sum(m.cost_usd), 0) from conversation_messages m
      where m.session_id = ${id} and m.cost_usd is not null`;
  });
  const text = plan.map((row) => row["QUERY PLAN"]).join("\n");
  expect(text).toContain("Index Only Scan using idx_conversation_messages_session_cost");
  // Fewer than 100 of 10,000, because other tests may write to the last page at the same time.
  expect(Number(/Heap Fetches: (\d+)/.exec(text)?.[1])).toBeLessThan(100);
  expect(await getSessionCost(ada.client, id)).toBe(10);
  await serviceClient().from("conversation_sessions").delete().eq("id", id);
});

test("ids of messages are unique per account, not across accounts", async () => {
  const id = randomUUID();
  for (const member of [ada, ben]) await createRow("conversation_messages", member, { id });
  const { data } = await ada.client.from("conversation_messages").select("user_id").eq("id", id);
  expect(data).toEqual([{ user_id: ada.account }]);
});
