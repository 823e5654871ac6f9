import { isDeepStrictEqual } from "node:util";
import type { Session, Work } from "./session.ts";

/** Two ways to do the same work. */
export interface Pair {
  ours: Work;
  theirs: Work;
  /** The maximum number of executions per transaction, if the work allows only so many. */
  most?: number;
}

/** The medians of both sides, and the median and quartiles of the ratios of all rounds. */
export interface Comparison {
  ratio: number;
  spread: Spread;
  ours: number;
  theirs: number;
}

/** The lower and the upper quartile of the ratios of all rounds. */
export type Spread = [low: number, high: number];

/** Returns the cost of each of a number of executions. */
export type Costs = (executions: number) => Promise<number[]>;

/** The approximate time per side and round. */
const MILLISECONDS = 40;
const MOST_EXECUTIONS = 100;

/** Compares the costs of two pieces of work. See {@link compareCosts}. */
export function compare(
  { ours, theirs, most }: Pair,
  measure: (work: Work, executions: number) => Promise<number[]>,
  rounds: number,
): Promise<Comparison> {
  const costsOf = (work: Work) => (executions: number) => measure(work, executions);
  return compareCosts(costsOf(ours), costsOf(theirs), rounds, most);
}

/**
 * Compares the costs per execution of two sides.
 *
 * @param rounds the number of rounds, at least 5
 * @param most the maximum number of executions per round
 */
export async function compareCosts(
  ours: Costs,
  theirs: Costs,
  rounds: number,
  most = MOST_EXECUTIONS,
): Promise<Comparison> {
  // The first executions fill the caches and let Postgres choose a plan.
  const warm = Math.min(most, 8);
  const first = median(await theirs(warm));
  await ours(warm);
  const executions = Math.max(3, Math.min(most, Math.ceil(MILLISECONDS / first)));
  const medianOf = (costs: Costs) => async () => median(await costs(executions));
  return takeTurns(medianOf(ours), medianOf(theirs), rounds);
}

/** Measures two costs in rounds. The order alternates, because the second finds warmer caches. */
export async function takeTurns(
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
  rounds: number,
): Promise<Comparison> {
  const samples: [ours: number, theirs: number][] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) {
      samples.push([await ours(), await theirs()]);
    } else {
      const second = await theirs();
      samples.push([await ours(), second]);
    }
  }
  const ratios = samples.map(([a, b]) => a / b);
  return {
    ratio: median(ratios),
    spread: [quantile(ratios, 0.25), quantile(ratios, 0.75)],
    ours: median(samples.map(([a]) => a)),
    theirs: median(samples.map(([, b]) => b)),
  };
}

/** Returns the milliseconds that the work takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Checks that both sides have the same result, and that it is not empty.
 *
 * @throws Error otherwise, because a side that skips the work is not faster
 */
export async function expectSame(session: Session, key: string, { ours, theirs }: Pair) {
  expectEqual(key, [await session.outcome(ours), await session.outcome(theirs)]);
}

/** Same as {@link expectSame}, for results that were already read. */
export function expectEqual(key: string, outcomes: object[][]) {
  const [first = [], ...others] = outcomes;
  if (!first.some(tellsSomething)) throw new Error(`${key}: the result is empty`);
  const different = others.find((other) => !isDeepStrictEqual(first, other));
  if (!different) return;
  const [one, other] = [first, different].map((rows) => JSON.stringify(rows).slice(0, 500));
  throw new Error(`${key}: the results differ\n  ${one}\n  ${other}`);
}

/** Returns whether a row has data. An aggregate of no rows is a row of zeros and nulls. */
function tellsSomething(row: object): boolean {
  return Object.values(row).some((value) => value !== null && Number(value) !== 0);
}

/** Returns the middle value, or the mean of the two middle values. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** Returns the quantile of the values, same as `percentile_cont` of Postgres. */
function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
