import type { Bench, Benchmark, Outcome } from "../benchmark.ts";
import { type Caller, callersIn } from "../callers.ts";
import { compareCosts, expectEqual, median } from "../measure.ts";
import type { Session, Work } from "../session.ts";
import { operationsOf } from "./operations.ts";

/** The time of the same caller with the same rows, while the other tenants' data grows tenfold. */
export const growth: Benchmark = {
  keys: ["aggregate_growth", "growth"],
  async run(bench, isWanted) {
    const places = await placesOf(bench, isWanted("growth") ? [0.1, 1, 10] : [0.1, 1]);
    const outcomes: Record<string, Outcome> = {};
    if (isWanted("aggregate_growth")) {
      const [small, full] = places as [Place, Place];
      bench.say("aggregate_growth");
      await expectSameOutcome("tenant_aggregate", [small, full]);
      const costsIn =
        ({ session, works }: Place) =>
        (executions: number) =>
          session.time(works.tenant_aggregate, executions);
      const times = await compareCosts(costsIn(full), costsIn(small), bench.rounds);
      outcomes.aggregate_growth = {
        ratio: times.ratio,
        spread: times.spread,
        absolute: { full_ms: times.ours, tenth_ms: times.theirs },
      };
    }
    if (isWanted("growth")) outcomes.growth = { absolute: await serverTimes(bench, places) };
    return outcomes;
  },
};

interface Place {
  /** How many times as large as the data of this run. */
  factor: number;
  session: Session;
  works: Record<Operation, Work>;
}

type Operation = keyof ReturnType<typeof operationsOf>;

async function placesOf(bench: Bench, factors: number[]): Promise<Place[]> {
  const places = [];
  for (const factor of factors) {
    const { session, size } = factor === 1 ? bench : await bench.ofScale(bench.scale * factor);
    const [caller] = (await callersIn(session, size)) as [Caller];
    const pairs = Object.entries(operationsOf(caller, size));
    const works = Object.fromEntries(pairs.map(([key, { ours }]) => [key, ours]));
    places.push({ factor, session, works: works as Place["works"] });
  }
  return places;
}

async function expectSameOutcome(key: Operation, places: Place[]) {
  const outcomes = [];
  for (const { session, works } of places) outcomes.push(await session.outcome(works[key]));
  expectEqual(`growth, ${key}`, outcomes);
}

/** Returns the server's milliseconds per operation and size. Measures the sizes alternately, so that drift affects them equally. */
async function serverTimes(bench: Bench, places: Place[]): Promise<Record<string, number>> {
  const [{ works }] = places as [Place];
  const absolute: Record<string, number> = {};
  for (const key of Object.keys(works) as Operation[]) {
    bench.say(`growth, ${key}`);
    await expectSameOutcome(key, places);
    const samples = places.map((): number[] => []);
    for (let round = -1; round < bench.rounds; round += 1) {
      for (const [at, place] of places.entries()) {
        const time = median(await place.session.serverTime(place.works[key], 10));
        if (round >= 0) samples[at]?.push(time);
      }
    }
    for (const [at, { factor }] of places.entries()) {
      absolute[`${key}_at_${factor}_server_ms`] = median(samples[at] ?? []);
    }
  }
  return absolute;
}
