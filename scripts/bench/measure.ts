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
interface Comparison {
  ratio: number;
  ours: number;
  theirs: number;
}

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
  return {
    ratio: median(samples.map(([a, b]) => a / b)),
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
