import type { Bench, Benchmark, Outcome } from "../benchmark.ts";
import { median } from "../measure.ts";

/** The materialized views, and what changes one row in a hundred of what they sum up. */
const views = {
  refresh_feedback: {
    view: "message_feedback_summary",
    change: "update public.feedback set rating = -rating where hashtext(id::text) % 100 = 0",
  },
  refresh_usage: {
    view: "monthly_usage_summary",
    change: `update public.usage_metrics set request_count = request_count + 1
      where hashtext(id::text) % 100 = 0`,
  },
} as const;

/** A refresh that keeps nobody from reading, compared with the query itself. */
export const summaries: Benchmark = {
  keys: Object.keys(views),
  async run(bench, isWanted) {
    const outcomes: Record<string, Outcome> = {};
    for (const [key, view] of Object.entries(views)) {
      if (!isWanted(key)) continue;
      bench.say(key);
      outcomes[key] = await measure(bench, view);
    }
    return outcomes;
  },
};

async function measure(
  { session, rounds }: Bench,
  { view, change }: { view: string; change: string },
): Promise<Outcome> {
  const [row] = await session.query<{ query: string }>(
    `select rtrim(pg_get_viewdef('public.${view}'::regclass), ';') as query`,
  );
  const plain = `select count(*), count(q.*) from (${row?.query}) q`;
  const refresh = `refresh materialized view concurrently public.${view}`;
  const times: [refresh: number, plain: number][] = [];
  for (let round = 0; round < rounds; round += 1) {
    await session.query("begin");
    try {
      await session.query(change);
      // Whoever comes second finds warmer caches.
      const order = round % 2 === 0 ? [refresh, plain] : [plain, refresh];
      const taken = [];
      for (const text of order) taken.push(await seconds(() => session.query(text)));
      times.push((round % 2 === 0 ? taken : taken.reverse()) as [number, number]);
    } finally {
      await session.query("rollback");
    }
  }
  return {
    ratio: median(times.map(([refresh, alone]) => refresh / alone)),
    absolute: {
      refresh_s: median(times.map(([refresh]) => refresh)),
      query_s: median(times.map(([, alone]) => alone)),
    },
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}
