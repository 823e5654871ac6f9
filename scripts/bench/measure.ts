import { isDeepStrictEqual } from "node:util";
import type { Session, Work } from "./session.ts";

/** Two ways to the same end. */
export interface Pair {
  ours: Work;
  theirs: Work;
  /** So many executions in a row at most: as often as the work can be done in one transaction. */
  most?: number;
}

/** Medians, and that of the ratios of each round. */
export interface Comparison {
  ratio: number;
  ours: number;
  theirs: number;
}

/** How much of a round each side gets, roughly. */
const MILLISECONDS = 40;
const MOST_EXECUTIONS = 100;

/**
 * Compares what two pieces of work cost, in rounds in which one follows the other.
 *
 * @param measure what a number of executions cost each
 * @param rounds at least 5
 */
export async function compare(
  pair: Pair,
  measure: (work: Work, executions: number) => Promise<number[]>,
  rounds: number,
): Promise<Comparison> {
  const { ours, theirs, most = MOST_EXECUTIONS } = pair;
  // The first ones fill caches, and let Postgres settle on a plan.
  const warm = Math.min(most, 8);
  const [first] = [await measure(theirs, warm), await measure(ours, warm)].map(median) as [number];
  const executions = Math.max(3, Math.min(most, Math.ceil(MILLISECONDS / first)));
  const samples: [ours: number, theirs: number][] = [];
  for (let round = 0; round < rounds; round += 1) {
    // Whoever comes second finds warmer caches.
    const isTurned = round % 2 === 1;
    const one = median(await measure(isTurned ? theirs : ours, executions));
    const other = median(await measure(isTurned ? ours : theirs, executions));
    samples.push(isTurned ? [other, one] : [one, other]);
  }
  return {
    ratio: median(samples.map(([a, b]) => a / b)),
    ours: median(samples.map(([a]) => a)),
    theirs: median(samples.map(([, b]) => b)),
  };
}

/**
 * Makes sure that both do the same, and that it is something.
 *
 * @throws Error otherwise: what does not do the work is no faster
 */
export async function expectSame(session: Session, key: string, { ours, theirs }: Pair) {
  const [one, other] = [await session.outcome(ours), await session.outcome(theirs)];
  if (one.length === 0) throw new Error(`${key}: there is nothing to do`);
  if (isDeepStrictEqual(one, other)) return;
  const [left, right] = [one, other].map((rows) => JSON.stringify(rows).slice(0, 500));
  throw new Error(`${key}: the two differ\n  ours:   ${left}\n  theirs: ${right}`);
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return ((low ?? Number.NaN) + (high ?? Number.NaN)) / 2;
}
