import { expect, test } from "vitest";
import { tenantSizes } from "../../scripts/bench/data/people.ts";
import { sizeOf } from "../../scripts/bench/data/size.ts";
import { databaseOfScale } from "../../scripts/bench/database.ts";
import { goals } from "../../scripts/bench/goals.ts";
import { compare, expectSame, median } from "../../scripts/bench/measure.ts";
import { benchmarks, runBenchmarks } from "../../scripts/bench/run.ts";
import { Session } from "../../scripts/bench/session.ts";

const serverUrl = process.env.NATIVE_POSTGRES_URL ?? "";

/** What takes no larger data than this to be tried. */
const operations = [
  ...["conversation_list", "message_page", "tenant_aggregate", "feedback_lookup", "usage_month"],
  ...["session_open", "session_history", "session_cost"],
  ...["message_insert", "message_insert_wal", "increment", "increment_same_row"],
  ...["vector_threshold", "refresh_feedback", "rollback_all"],
  ...["vector_recall_min", "bytes_per_message", "api_overhead", "peer_parent_message_page"],
];

test.each(operations)(
  "%s is measured, and both sides do the same",
  { timeout: 120_000 },
  async (key) => {
    const { ratios, absolute } = await runBenchmarks({
      serverUrl,
      scale: 0.005,
      rounds: 5,
      only: key,
    });
    expect(ratios[key]).toBeGreaterThan(0);
    expect(Object.keys(absolute)).toContain(key);
    const figures = Object.values(absolute[key] ?? {});
    expect(figures.every((figure) => figure >= 0)).toBe(true);
  },
);

test("two that do not do the same are not compared", async () => {
  const database = await databaseOfScale(serverUrl, 0.005);
  const session = new Session(database);
  const first = (n: number) => ({
    as: "owner" as const,
    text: `select slug from public.tenants order by id limit ${n}`,
    values: () => [],
  });
  try {
    await expectSame(session, "first", { ours: first(2), theirs: first(2) });
    const different = expectSame(session, "first", { ours: first(2), theirs: first(1) });
    await expect(different).rejects.toThrow("first: the two differ");
    const empty = expectSame(session, "first", { ours: first(0), theirs: first(0) });
    await expect(empty).rejects.toThrow("first: there is nothing to do");
  } finally {
    await session.close();
  }
});

test("every goal has its benchmark", () => {
  const keys = benchmarks.flatMap((benchmark) => benchmark.keys);
  expect(keys).toEqual(expect.arrayContaining(Object.keys(goals)));
});

test.each([0.005, 0.05, 1, 10])("at scale %d, the largest tenant has a fifth", (scale) => {
  const size = sizeOf(scale);
  const sizes = tenantSizes(size);
  expect(sizes).toHaveLength(size.tenants);
  expect(sizes.reduce((sum, count) => sum + count, 0)).toBe(size.users);
  expect(sizes.every((count) => count >= 1)).toBe(true);
  expect(sizes[1]).toBe(size.users / 5);
});

test("a comparison is the median of its rounds", async () => {
  const work = (as: "owner" | "service") => ({ as, text: "", values: () => [] });
  const costs = { owner: [9, 2, 2, 2, 2, 8], service: [9, 4, 4, 40, 4, 4] };
  const taken = { owner: 0, service: 0 };
  const measure = async ({ as }: { as: unknown }, executions: number) => {
    const cost = costs[as as "owner" | "service"][taken[as as "owner" | "service"]++] ?? 0;
    return new Array<number>(executions).fill(cost);
  };
  const pair = { ours: work("service"), theirs: work("owner") };
  expect(await compare(pair, measure, 5)).toEqual({ ratio: 2, ours: 4, theirs: 2 });
  expect(median([3, 1, 2, 10])).toBe(2.5);
});
