import type { Bench, Benchmark, Outcome } from "../benchmark.ts";
import type { Caller } from "../callers.ts";
import { compare, expectSame, type Pair } from "../measure.ts";
import { operationsOf } from "./operations.ts";
import { READS } from "./reads.ts";

/** Operations on the caller's own data: under the policies, compared with the table owner. */
export const ownData: Benchmark = {
  keys: [...READS, "message_insert", "message_insert_wal", "increment"],
  async run(bench, isWanted) {
    const outcomes: Record<string, Outcome> = {};
    for (const caller of bench.callers) {
      for (const [key, pair] of Object.entries(pairsOf(caller, bench))) {
        if (!isWanted(key)) continue;
        bench.say(`${key}, ${caller.name} tenant`);
        await expectSame(bench.session, key, pair);
        const outcome = await measure(key, pair, bench, caller);
        outcomes[key] = worse(outcomes[key], outcome);
      }
    }
    return outcomes;
  },
};

function pairsOf(caller: Caller, { size }: Bench): Record<string, Pair> {
  const operations = operationsOf(caller, size);
  return { ...operations, message_insert_wal: operations.message_insert };
}

async function measure(
  key: string,
  pair: Pair,
  { session, rounds }: Bench,
  { name }: Caller,
): Promise<Outcome> {
  if (key.endsWith("_wal")) {
    const written = await compare(pair, (...of) => session.wal(...of), rounds);
    const { ratio, spread, ours, theirs } = written;
    const absolute = { [`${name}_bytes`]: ours, [`${name}_by_hand_bytes`]: theirs };
    return { ratio, spread, absolute };
  }
  const seen = await compare(pair, (...of) => session.time(...of), rounds);
  const served = await compare(pair, (...of) => session.serverTime(...of), rounds);
  return {
    ratio: seen.ratio,
    spread: seen.spread,
    absolute: {
      [`${name}_ms`]: seen.ours,
      [`${name}_by_hand_ms`]: seen.theirs,
      [`${name}_server_ms`]: served.ours,
      [`${name}_by_hand_server_ms`]: served.theirs,
    },
  };
}

/** Returns the higher ratio of two callers, with the measured values of both. */
function worse(one: Outcome | undefined, other: Outcome): Outcome {
  const absolute = { ...one?.absolute, ...other.absolute };
  return one?.ratio && other.ratio && one.ratio > other.ratio
    ? { ...one, absolute }
    : { ...other, absolute };
}
