import type { Sql } from "postgres";
import { connectTo } from "../../project/database-url.ts";
import type { Bench, Benchmark } from "../benchmark.ts";
import { idOf, TYPICAL_TENANT } from "../data/people.ts";
import { milliseconds, takeTurns } from "../measure.ts";
import { INCREMENT, UPSERT } from "./writes.ts";

const CLIENTS = 32;
const CALLS = CLIENTS * 40;

/** A day without rows in the data. */
const DATE = "2020-01-01";

/** 32 clients increment the same row. Each call is a transaction. */
export const contention: Benchmark = {
  keys: ["increment_same_row"],
  async run(bench) {
    bench.say("increment_same_row");
    // A killed run may have left the row.
    await removeRow(bench);
    const ours = connect(bench, INCREMENT, { role: "service_role" });
    const theirs = connect(bench, UPSERT, {});
    try {
      // The first calls open the connections and create the row.
      for (const clients of [ours, theirs]) await callAll(clients);
      const [one, other] = [ours, theirs].map((clients) => () => callAll(clients)) as [Call, Call];
      const times = await takeTurns(one, other, bench.rounds);
      await expectAllCounted(bench, 2 * (bench.rounds + 1) * CALLS);
      return {
        increment_same_row: {
          ratio: times.ratio,
          spread: times.spread,
          absolute: {
            elapsed_per_call_ms: times.ours / CALLS,
            by_hand_elapsed_per_call_ms: times.theirs / CALLS,
          },
        },
      };
    } finally {
      await Promise.all([ours.sql.end(), theirs.sql.end()]);
      await removeRow(bench);
    }
  },
};

interface Clients {
  sql: Sql;
  text: string;
}

type Call = () => Promise<number>;

function connect({ database }: Bench, text: string, connection: { role?: string }): Clients {
  return { sql: connectTo(database.owner, { max: CLIENTS, prepare: true, connection }), text };
}

/** Returns the milliseconds that all calls take together. */
function callAll({ sql, text }: Clients): Promise<number> {
  const tenant = idOf("tenant", TYPICAL_TENANT);
  const values = [tenant, idOf("user", 0), DATE, "10", "5", "0.000123"];
  const call = () => sql.unsafe(text, values, { prepare: true });
  return milliseconds(() => Promise.all(Array.from({ length: CALLS }, call)));
}

async function removeRow({ session }: Bench) {
  await session.query(`delete from public.usage_metrics where date = '${DATE}'`);
}

async function expectAllCounted({ session }: Bench, calls: number) {
  const [row] = await session.query<{ count: string; tokens: string }>(`
    select request_count as count, total_tokens as tokens
    from public.usage_metrics where date = '${DATE}'`);
  if (Number(row?.count) === calls && Number(row?.tokens) === 15 * calls) return;
  throw new Error(`increment_same_row: expected ${calls} calls, found ${JSON.stringify(row)}`);
}
