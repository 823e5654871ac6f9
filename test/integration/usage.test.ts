import { beforeAll, describe, expect, test } from "vitest";
import { getModelUsage } from "../../src/index.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { anonClient, serviceClient } from "../support/clients.ts";
import { createRow, insertRow, validRow } from "../support/rows.ts";

let ada: Login;
let ben: Login;

/** Ada's calls: 20 chats of 100 to 2,000 ms, one of them on March 1, and one embedding. */
beforeAll(async () => {
  [ada, ben] = await Promise.all([createLogin(), createLogin()]);
  for (let i = 1; i <= 20; i++) {
    await createRow("ai_usage", ada, {
      tokens_prompt: 10,
      tokens_completion: i,
      cost: 0.1,
      latency_ms: 100 * i,
      created_at: i === 20 ? "2026-03-01T00:00:00Z" : `2026-02-${String(i).padStart(2, "0")}`,
    });
  }
  await createRow("ai_usage", ada, {
    operation_type: "embedding",
    model: "text-embedding-3-small",
    tokens_prompt: 5,
    created_at: "2026-02-10",
  });
  await createRow("ai_usage", ben, { created_at: "2026-02-10" });
});

describe("usage statistics", () => {
  test("sum up the caller's calls by operation type and model", async () => {
    expect(await getModelUsage(ada.client)).toEqual([
      {
        operation_type: "chat",
        model: "gpt-4o",
        request_count: 20,
        tokens_prompt: 200,
        tokens_completion: 210,
        tokens_total: 410,
        cost: 2,
        average_latency_ms: 1050,
        p95_latency_ms: 1905,
      },
      {
        operation_type: "embedding",
        model: "text-embedding-3-small",
        request_count: 1,
        tokens_prompt: 5,
        tokens_completion: 0,
        tokens_total: 5,
        cost: 0,
        average_latency_ms: null,
        p95_latency_ms: null,
      },
    ]);
  });

  test("include the start of the period and exclude its end", async () => {
    const chats = async (period: Parameters<typeof getModelUsage>[1]) =>
      (await getModelUsage(ada.client, period)).find((s) => s.operation_type === "chat")
        ?.request_count;
    expect(await chats({ start: "2026-02-10", end: "2026-03-01" })).toBe(10);
    expect(await chats({ start: "2026-03-01" })).toBe(1);
    expect(await chats({ end: "2026-03-01" })).toBe(19);
    expect(await getModelUsage(ada.client, { start: "2027-01-01" })).toEqual([]);
  });

  test("of another account are empty, except for the service role", async () => {
    expect(await getModelUsage(ada.client, { userId: ben.account })).toEqual([]);
    const [seen] = await getModelUsage(serviceClient(), { userId: ben.account });
    expect(seen).toMatchObject({ request_count: 1 });
    expect(await getModelUsage(serviceClient())).toEqual([]);
  });

  test("are refused without a sign-in, and for a period that ends before it starts", async () => {
    await expect(getModelUsage(anonClient())).rejects.toMatchObject({ code: "42501" });
    const backwards = { start: "2026-03-01", end: "2026-02-01" };
    await expect(getModelUsage(ada.client, backwards)).rejects.toMatchObject({ code: "22023" });
  });
});

describe("a call counts once", () => {
  test.each([
    ["ai_usage", "ai_usage_archive"],
    ["ai_usage_archive", "ai_usage"],
  ] as const)("%s refuses an id that is in %s", async (table, other) => {
    const caller = await createLogin();
    const { id } = await createRow(other, caller);
    const row = await validRow(table, caller, { id });
    expect((await insertRow(table, row)).error).toMatchObject({
      code: "23505",
      message: `call ${id} is recorded already`,
    });
    expect((await getModelUsage(caller.client))[0]?.request_count).toBe(1);
    // The same id of another account is another call.
    const somebody = await createLogin();
    expect((await insertRow(table, { ...row, user_id: somebody.account })).error).toBeNull();
  });
});
