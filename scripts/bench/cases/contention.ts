import type { Sql } from "postgres";
import { connectTo } from "../../lib/database-url.ts";
import type { Bench, Benchmark } from "../benchmark.ts";
import { idOf, tenantsOfUsers } from "../data/people.ts";
import { median } from "../measure.ts";
import { INCREMENT, UPSERT } from "./writes.ts";

const CLIENTS = 32;
const CALLS_OF_CLIENT = 40;

/** A day that the data has nothing of. */
const DATE = "2020-01-01";

/** 32 clients that all count on the same row, each call a transaction of its own. */
export const contention: Benchmark = {
  keys: ["increment_same_row"],
  async run(bench) {
    bench.say("increment_same_row");
    // A run that was killed may have left it.
    await removeRow(bench);
    const ours = await connect(bench, { role: "service_role" });
    const theirs = await connect(bench, {});
    try {
      const samples: [number, number][] = [];
      // The first round makes the connections and the row.
      for (let round = -1; round < bench.rounds; round += 1) {
        const isTurned = round % 2 === 0;
        const [one, other] = isTurned ? [theirs, ours] : [ours, theirs];
        const times = [await callAll(one, bench), await callAll(other, bench)] as [number, number];
        if (round >= 0) samples.push(isTurned ? [times[1], times[0]] : times);
      }
      await expectAllCounted(bench, 2 * (bench.rounds + 1) * CLIENTS * CALLS_OF_CLIENT);
      const perCall = (total: number) => total / (CLIENTS * CALLS_OF_CLIENT);
      return {
        increment_same_row: {
          ratio: median(samples.map(([a, b]) => a / b)),
          absolute: {
            elapsed_per_call_ms: perCall(median(samples.map(([a]) => a))),
            by_hand_elapsed_per_call_ms: perCall(median(samples.map(([, b]) => b))),
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

async function connect({ database }: Bench, connection: { role?: string }): Promise<Clients> {
  const options = { max: CLIENTS, prepare: true, connection };
  return {
    sql: connectTo(database.owner, options),
    text: connection.role ? INCREMENT : UPSERT,
  };
}

/** Milliseconds that all calls take together. */
async function callAll({ sql, text }: Clients, { size }: Bench): Promise<number> {
  const tenant = idOf("tenant", tenantsOfUsers(size)[0] as number);
  const values = [tenant, idOf("user", 0), DATE, "10", "5", "0.000123"];
  const start = performance.now();
  const calls = Array.from({ length: CLIENTS * CALLS_OF_CLIENT }, () =>
    sql.unsafe(text, values, { prepare: true }),
  );
  await Promise.all(calls);
  return performance.now() - start;
}

async function removeRow({ session }: Bench) {
  await session.query(`delete from public.usage_metrics where date = '${DATE}'`);
}

async function expectAllCounted({ session }: Bench, calls: number) {
  const [row] = await session.query<{ count: string; tokens: string }>(`
    select request_count as count, total_tokens as tokens
    from public.usage_metrics where date = '${DATE}'`);
  if (Number(row?.count) === calls && Number(row?.tokens) === 15 * calls) return;
  throw new Error(`increment_same_row: ${calls} calls, but counted ${JSON.stringify(row)}`);
}
