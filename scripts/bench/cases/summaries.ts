import type { Bench, Benchmark, Outcome } from "../benchmark.ts";
import { milliseconds, takeTurns } from "../measure.ts";

/** The materialized views, each with a statement that changes 1 % of the aggregated rows. */
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

/** A concurrent refresh, which does not block reads, compared with the query of the view. */
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
  const afterChange = (text: string) => async () => {
    await session.query("begin");
    try {
      await session.query(change);
      return await milliseconds(() => session.query(text));
    } finally {
      await session.query("rollback");
    }
  };
  const times = await takeTurns(afterChange(refresh), afterChange(plain), rounds);
  return {
    ratio: times.ratio,
    spread: times.spread,
    absolute: { refresh_s: times.ours / 1000, query_s: times.theirs / 1000 },
  };
}
