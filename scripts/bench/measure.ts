import { isDeepStrictEqual } from "node:util";
import type { Session, Work } from "./session.ts";

/** Two ways to the same end. */
export interface Pair {
  ours: Work;
  theirs: Work;
  /** So many executions in a row at most: as often as the work can be done in one transaction. */
  most?: number;
}

/** Medians, and that of the ratios of each round, with their quartiles. */
export interface Comparison {
  ratio: number;
  spread: Spread;
  ours: number;
  theirs: number;
}

/** The lower and the upper quartile of a ratio's rounds. */
export type Spread = [low: number, high: number];

/** What a number of executions cost each. */
export type Costs = (executions: number) => Promise<number[]>;

/** How much of a round each side gets, roughly. */
const MILLISECONDS = 40;
const MOST_EXECUTIONS = 100;

/** Compares what two pieces of work cost, as {@link compareCosts}. */
export function compare(
  { ours, theirs, most }: Pair,
  measure: (work: Work, executions: number) => Promise<number[]>,
  rounds: number,
): Promise<Comparison> {
  const costsOf = (work: Work) => (executions: number) => measure(work, executions);
  return compareCosts(costsOf(ours), costsOf(theirs), rounds, most);
}

/**
 * Compares two costs that are measured in executions.
 *
 * @param rounds at least 5
 * @param most so many executions in a row at most
 */
export async function compareCosts(
  ours: Costs,
  theirs: Costs,
  rounds: number,
  most = MOST_EXECUTIONS,
): Promise<Comparison> {
  // The first ones fill caches, and let Postgres settle on a plan.
  const warm = Math.min(most, 8);
  const first = median(await theirs(warm));
  await ours(warm);
  const executions = Math.max(3, Math.min(most, Math.ceil(MILLISECONDS / first)));
  const medianOf = (costs: Costs) => async () => median(await costs(executions));
  return takeTurns(medianOf(ours), medianOf(theirs), rounds);
}

/** Measures two costs in rounds, in which each comes second as often: it finds warmer caches. */
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

/** How long it takes. */
export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * Makes sure that both do the same, and that it is something.
 *
 * @throws Error otherwise: what does not do the work is no faster
 */
export async function expectSame(session: Session, key: string, { ours, theirs }: Pair) {
  expectEqual(key, [await session.outcome(ours), await session.outcome(theirs)]);
}

/** As {@link expectSame}, of what has come of it. */
export function expectEqual(key: string, outcomes: object[][]) {
  const [first = [], ...others] = outcomes;
  if (!first.some(tellsSomething)) throw new Error(`${key}: there is nothing to do`);
  const different = others.find((other) => !isDeepStrictEqual(first, other));
  if (!different) return;
  const [one, other] = [first, different].map((rows) => JSON.stringify(rows).slice(0, 500));
  throw new Error(`${key}: the two differ\n  ${one}\n  ${other}`);
}

/** An aggregate of no rows is one, too, but says so: 0, or null. */
function tellsSomething(row: object): boolean {
  return Object.values(row).some((value) => value !== null && Number(value) !== 0);
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: number[]): number {
  return quantile(values, 0.5);
}

/** What that share of the values is at most, as `percentile_cont` of Postgres. */
function quantile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return low + (high - low) * (place - Math.floor(place));
}
