import { afterAll, expect, test } from "vitest";
import { TYPICAL_USERS, tenantSizes } from "../../scripts/bench/data/people.ts";
import { sizeOf } from "../../scripts/bench/data/size.ts";
import { turnsOf, userOfConversation } from "../../scripts/bench/data/turns.ts";
import { databaseOfScale } from "../../scripts/bench/database.ts";
import { goals } from "../../scripts/bench/goals.ts";
import { compare, expectSame, median, takeTurns } from "../../scripts/bench/measure.ts";
import { replacePart } from "../../scripts/bench/record.ts";
import { benchmarks, type Results, runBenchmarks } from "../../scripts/bench/run.ts";
import { Session } from "../../scripts/bench/session.ts";

const serverUrl = process.env.NATIVE_POSTGRES_URL ?? "";

const SCALE = 0.005;

afterAll(async () => {
  const database = await databaseOfScale(serverUrl, SCALE);
  await database.drop();
});

/** The benchmarks that can run on data of this small scale. */
const operations = [
  ...["conversation_list", "message_page", "tenant_aggregate", "feedback_lookup", "usage_month"],
  ...["session_open", "session_history", "session_cost"],
  ...["message_insert", "message_insert_wal", "increment", "increment_same_row"],
  ...["vector_threshold", "refresh_feedback", "rollback_all"],
  ...["vector_recall_min", "bytes_per_message", "api_overhead", "peer_parent_message_page"],
];

test.each(operations)(
  "the benchmark %s has figures, and both sides return the same",
  { timeout: 120_000 },
  async (key) => {
    const { ratios, absolute } = await runBenchmarks({
      serverUrl,
      scale: SCALE,
      rounds: 5,
      only: key,
    });
    expect(ratios[key]).toBeGreaterThan(0);
    expect(Object.keys(absolute)).toContain(key);
    const figures = Object.values(absolute[key] ?? {});
    expect(figures.every((figure) => figure >= 0)).toBe(true);
  },
);

test("two sides with different or empty results are not compared", async () => {
  const database = await databaseOfScale(serverUrl, SCALE);
  const session = new Session(database);
  const first = (n: number) => ({
    as: "owner" as const,
    text: `select slug from public.tenants order by id limit ${n}`,
    values: () => [],
  });
  try {
    await expectSame(session, "first", { ours: first(2), theirs: first(2) });
    const different = expectSame(session, "first", { ours: first(2), theirs: first(1) });
    await expect(different).rejects.toThrow("first: the results differ");
    const empty = expectSame(session, "first", { ours: first(0), theirs: first(0) });
    await expect(empty).rejects.toThrow("first: the result is empty");
    const sum = {
      as: "owner" as const,
      text: "select count(*), sum(max_tokens) from public.tenants where slug = ''",
      values: () => [],
    };
    const ofNothing = expectSame(session, "first", { ours: sum, theirs: sum });
    await expect(ofNothing).rejects.toThrow("first: the result is empty");
  } finally {
    await session.close();
  }
});

test("every goal has a benchmark", () => {
  const keys = benchmarks.flatMap((benchmark) => benchmark.keys);
  expect(keys).toEqual(expect.arrayContaining(Object.keys(goals)));
});

test.each([0.005, 0.05, 1, 10])(
  "at scale %d, the largest tenant has a fifth of the users",
  (scale) => {
    const size = sizeOf(scale);
    const sizes = tenantSizes(size);
    expect(sizes).toHaveLength(size.tenants);
    expect(sizes.reduce((sum, count) => sum + count, 0)).toBe(size.users);
    expect(sizes.every((count) => count >= 1)).toBe(true);
    expect(sizes[1]).toBe(size.users / 5);
  },
);

test("a comparison returns the median of its rounds", async () => {
  const work = (as: "owner" | "service") => ({ as, text: "", values: () => [] });
  const costs = { owner: [9, 2, 2, 2, 2, 8], service: [9, 4, 4, 40, 4, 4] };
  const taken = { owner: 0, service: 0 };
  const measure = async ({ as }: { as: unknown }, executions: number) => {
    const cost = costs[as as "owner" | "service"][taken[as as "owner" | "service"]++] ?? 0;
    return new Array<number>(executions).fill(cost);
  };
  const pair = { ours: work("service"), theirs: work("owner") };
  expect(await compare(pair, measure, 5)).toEqual({
    ratio: 2,
    spread: [2, 2],
    ours: 4,
    theirs: 2,
  });
  expect(median([3, 1, 2, 10])).toBe(2.5);
});

test("a comparison returns the quartiles of its rounds", async () => {
  const costs = [1, 5, 2, 4, 3];
  const { ratio, spread } = await takeTurns(
    async () => costs.pop() as number,
    async () => 1,
    costs.length,
  );
  expect({ ratio, spread }).toEqual({ ratio: 3, spread: [2, 4] });
});

test("the typical tenant has the same messages in data of any size", () => {
  const said = [0.005, 0.05].map((scale) => {
    const size = sizeOf(scale);
    const all = [...turnsOf(size)];
    expect(all).toHaveLength(size.messages);
    expect(new Set(all.map(({ message }) => message)).size).toBe(size.messages);
    expect(all).toEqual(all.toSorted((one, other) => one.time - other.time));
    expect(all.filter(({ isLast }) => isLast)).toHaveLength(size.conversations);
    return all.filter(({ conversation }) => userOfConversation(conversation, size) < TYPICAL_USERS);
  });
  expect(said[0]).toHaveLength(TYPICAL_USERS * 300);
  expect(said[0]).toEqual(said[1]);
});

test("a partial run replaces its figures in the record, and adds its machine", async () => {
  const machine = (date: string, scale = 1) => ({ date, scale }) as Results["machine"];
  const record: Results = {
    ratios: { increment: 1, vector_threshold: 2 },
    absolute: { increment: { ms: 1 }, vector_threshold: { with_ms: 2 } },
    machine: machine("2026-11-24"),
  };
  const part: Results = {
    ratios: { vector_threshold: 3 },
    absolute: { vector_threshold: { with_ms: 3 } },
    machine: machine("2026-11-26"),
  };
  expect(replacePart(record, part)).toEqual({
    ratios: { increment: 1, vector_threshold: 3 },
    absolute: { increment: { ms: 1 }, vector_threshold: { with_ms: 3 } },
    machine: record.machine,
    again: { vector_threshold: part.machine },
  });
  const quick = { ...part, machine: machine("2026-11-26", 0.05) };
  expect(() => replacePart(record, quick)).toThrow("the record has scale 1");
});
