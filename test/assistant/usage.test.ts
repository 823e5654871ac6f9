import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { must } from "../support/rows.ts";

let ben: Member;

beforeAll(async () => {
  ben = await createMember(await createTenant(), { role: "owner" });
});

interface Increment {
  p_tenant_id: string;
  p_user_id: string;
  p_date: string;
  p_prompt_tokens: number;
  p_completion_tokens: number;
  p_cost: number;
}

let day = 0;

/** Returns the arguments for a request by Ben on a day that no other test uses. */
function request(values: Partial<Increment> = {}): Increment {
  day += 1;
  return {
    p_tenant_id: ben.tenant_id,
    p_user_id: ben.id,
    p_date: new Date(Date.UTC(2021, 0, day)).toISOString().slice(0, 10),
    p_prompt_tokens: 10,
    p_completion_tokens: 5,
    p_cost: 0.0001,
    ...values,
  };
}

const increment = (args: Increment) => serviceClient().rpc("increment_usage_metrics", args);

const storedDay = async (date: string) =>
  must(await serviceClient().from("usage_metrics").select().eq("user_id", ben.id).eq("date", date));

describe("increment_usage_metrics", () => {
  test("creates the row of a day and returns it", async () => {
    const args = request();
    const { data } = await increment(args);
    expect(data).toMatchObject({
      tenant_id: ben.tenant_id,
      user_id: ben.id,
      date: args.p_date,
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 15,
      request_count: 1,
      estimated_cost: 0.0001,
    });
    expect(await storedDay(args.p_date)).toEqual([data]);
  });

  test("adds up concurrent requests exactly", async () => {
    const args = request();
    const results = await Promise.all(Array.from({ length: 40 }, () => increment(args)));
    expect(results.every(({ error }) => error === null)).toBe(true);
    expect(await storedDay(args.p_date)).toMatchObject([
      {
        prompt_tokens: 400,
        completion_tokens: 200,
        total_tokens: 600,
        request_count: 40,
        estimated_cost: 0.004,
      },
    ]);
  });

  test("accepts a request with no tokens and no cost", async () => {
    const { data } = await increment(
      request({ p_prompt_tokens: 0, p_completion_tokens: 0, p_cost: 0 }),
    );
    expect(data).toMatchObject({ total_tokens: 0, request_count: 1, estimated_cost: 0 });
  });

  test.each<[string, Partial<Record<keyof Increment, unknown>>]>([
    ["negative prompt tokens", { p_prompt_tokens: -1 }],
    ["negative completion tokens", { p_completion_tokens: -1 }],
    ["a negative cost", { p_cost: -0.01 }],
    ["a cost of NaN", { p_cost: "NaN" }],
    ["an infinite cost", { p_cost: "Infinity" }],
    ["a cost above a billion", { p_cost: 1e308 }],
    ["a missing count", { p_prompt_tokens: null }],
  ])("refuses %s with 22023 and stores nothing", async (_, values) => {
    const args = request(values as Partial<Increment>);
    expect((await increment(args)).error?.code).toBe("22023");
    expect(await storedDay(args.p_date)).toEqual([]);
  });

  test.each(["infinity", "-infinity", "1899-12-31", "3000-01-01", "5874897-12-31"])(
    "refuses the date %s with 22023 and stores nothing",
    async (p_date) => {
      const args = request();
      expect((await increment({ ...args, p_date })).error?.code).toBe("22023");
      expect((await increment(args)).error).toBeNull();
    },
  );

  test("refuses a user outside the tenant with 23503", async () => {
    const stranger = await createMember(await createTenant());
    for (const p_user_id of [stranger.id, randomUUID()]) {
      expect((await increment(request({ p_user_id }))).error?.code).toBe("23503");
    }
  });

  test("can be called only by the service role", async () => {
    const args = request();
    for (const client of [ben.client, anonClient()]) {
      expect((await client.rpc("increment_usage_metrics", args)).error?.code).toBe("42501");
    }
    expect(await storedDay(args.p_date)).toEqual([]);
    expect((await increment(args)).error).toBeNull();
  });

  test("changes no index entry, because no counter is indexed (HOT)", async () => {
    const counters = [
      "prompt_tokens",
      "completion_tokens",
      "total_tokens",
      "request_count",
      "estimated_cost",
    ];
    const indexed = await asOwner()`
      select a.attname from pg_index i
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
      where i.indrelid = 'public.usage_metrics'::regclass and a.attname = any (${counters})`;
    expect(indexed).toEqual([]);
  });
});

describe("current_day_usage", () => {
  const today = () => new Date().toISOString().slice(0, 10);
  const yesterday = () => new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);

  test("returns today's live rows and no row of another day", async () => {
    const owner = await createMember(await createTenant(), { role: "owner" });
    const keys = { p_tenant_id: owner.tenant_id, p_user_id: owner.id };
    await increment(request({ ...keys, p_date: yesterday() }));
    await increment(request({ ...keys, p_date: today() }));
    await increment(request({ ...keys, p_date: today() }));
    const { data } = await owner.client.from("current_day_usage").select();
    expect(data).toMatchObject([{ user_id: owner.id, date: today(), request_count: 2 }]);
  });
});
