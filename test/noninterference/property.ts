import fc from "fast-check";
import { tableNames } from "../../scripts/contract/index.ts";
import type { Client } from "../support/clients.ts";
import { type Catalog, namesIn } from "./catalog.ts";
import { type Difference, differenceBetween } from "./compare.ts";
import { othersOf } from "./others.ts";
import { ownWorld } from "./own-world.ts";
import { type CallerName, callerOf } from "./people.ts";
import type { Request } from "./requests.ts";
import type { Row } from "./rows.ts";
import { runIn } from "./run.ts";
import { anyCase, type Case } from "./scripts.ts";
import { Tally } from "./tally.ts";

/** The catalog that scripts use, and the callers' clients. */
export interface Stage {
  catalog: Catalog;
  clients: Record<CallerName, Client>;
}

/** The result of running scripts in both worlds. */
export interface Verdict {
  tally: Tally;
  seconds: number;
  /** The smallest case found in which others' data made a difference. */
  failure: Finding | undefined;
}

interface Finding {
  /** The seed that finds the case at once, if the scripts use only the names in `asked`. */
  seed: number;
  asked: string[];
  case: Case;
  difference: Difference;
}

/** Scripts have half of it on average. They are long, because each one has to load two worlds. */
const LONGEST_SCRIPT = 60;

/** The number is low, so that the seed of a failure soon finds it again. */
const SCRIPTS_PER_SEED = 5;

const ofTenant = "*,users(*,conversations(*,messages(*,feedback(*))),usage_metrics(*)),brands(*)";

/** The requests at the end of each script, which read everything that the caller sees. */
const lastLook: Request[] = [
  ["tenants", ofTenant] as const,
  ...tableNames
    .filter((name) => !ofTenant.includes(`${name}(`))
    .map((name) => [name, "*"] as const),
].map(([relation, select]) => ({ verb: "select", relation, select, filters: [], order: [] }));

/**
 * Runs random scripts, each alone and beside others. Stops after enough requests, or when others
 * make a difference. Then shrinks the case that shows it.
 *
 * @param options.seed the same seed makes the same scripts, as long as the schema is the same
 * @param options.isEnough returns whether enough requests have run
 * @param options.asked returns what the next scripts may name; the whole catalog by default
 * @param options.longest the maximum number of requests per script
 * @param options.hidden returns the rows of others; by default, the stem and the rows of the case
 */
export async function checkScripts(
  stage: Stage,
  options: {
    seed: number;
    isEnough: (tally: Tally) => boolean;
    asked?: (tally: Tally) => Catalog;
    longest?: number;
    hidden?: (of: Case) => Row[];
  },
): Promise<Verdict> {
  const { isEnough, asked = () => stage.catalog, longest = LONGEST_SCRIPT } = options;
  const { hidden = hiddenRows } = options;
  const tally = new Tally();
  const start = performance.now();
  const verdict = (failure?: Finding) => {
    return { tally, seconds: (performance.now() - start) / 1000, failure };
  };
  for (let seed = options.seed; !isEnough(tally); seed += 1) {
    let isShrinking = false;
    const catalog = asked(tally);
    const cases = anyCase(catalog, longest, catalog !== stage.catalog);
    const property = fc.asyncProperty(cases, async (one) => {
      const { difference, answers } = await runBoth(stage, one, hidden(one));
      if (!isShrinking) tally.add(one.caller, one.script, answers);
      if (!difference) return;
      isShrinking = true;
      throw new Interference(one, difference);
    });
    const { failed, errorInstance } = await fc.check(property, { seed, numRuns: SCRIPTS_PER_SEED });
    if (!failed) continue;
    if (!(errorInstance instanceof Interference)) throw errorInstance;
    return verdict({ seed, asked: namesIn(catalog), ...errorInstance.finding });
  }
  return verdict();
}

class Interference extends Error {
  readonly finding: Omit<Finding, "seed" | "asked">;

  constructor(one: Case, difference: Difference) {
    super(`others make a difference: ${difference.kind}`);
    // Requests after the answer that differs have no effect on it.
    const end = difference.kind === "answer" ? difference.at + 1 : undefined;
    this.finding = { case: { ...one, script: one.script.slice(0, end) }, difference };
  }
}

function hiddenRows({ caller, others }: Case): Row[] {
  return [...othersOf(callerOf(caller)).stem, ...others];
}

async function runBoth({ catalog, clients }: Stage, { caller, script }: Case, hidden: Row[]) {
  const { relations } = catalog;
  const whole = [...script, ...lastLook];
  const run = (rows: Row[]) => runIn(rows, clients[caller], whole, relations);
  for (;;) {
    const day = today();
    const own = ownWorld(callerOf(caller));
    const alone = await run(own);
    const beside = await run([...own, ...hidden]);
    // If midnight (UTC) passes between the runs, today's usage is yesterday's in the second world.
    if (day !== today()) continue;
    return {
      difference: differenceBetween(alone, beside, whole, relations),
      answers: alone.answers,
    };
  }
}

function today(): string {
  return new Date().toISOString().slice(0, 10);
}
