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

/** Where scripts run, and who may run them. */
export interface Stage {
  catalog: Catalog;
  clients: Record<CallerName, Client>;
}

/** How scripts fared in both worlds. */
export interface Verdict {
  tally: Tally;
  seconds: number;
  /** The smallest case found in which others' data made a difference. */
  failure: Finding | undefined;
}

interface Finding {
  /** With which the case is found at once, among scripts that ask for these. */
  seed: number;
  asked: string[];
  case: Case;
  difference: Difference;
}

/** Half of it on average. However short a script is, it costs two worlds. */
const LONGEST_SCRIPT = 60;

/** Made from one seed. Few, so that a failure is soon found again by its own. */
const SCRIPTS_PER_SEED = 5;

const ofTenant = "*,users(*,conversations(*,messages(*,feedback(*))),usage_metrics(*)),brands(*)";

/** What closes each script: a look at all that the caller sees. */
const lastLook: Request[] = [
  ["tenants", ofTenant] as const,
  ...tableNames
    .filter((name) => !ofTenant.includes(`${name}(`))
    .map((name) => [name, "*"] as const),
].map(([relation, select]) => ({ verb: "select", relation, select, filters: [], order: [] }));

/**
 * Runs random scripts, each alone and beside others, until there were enough or others made a
 * difference; the case of that is shrunk.
 *
 * @param options.seed the same seed makes the same scripts, as long as the schema is the same
 * @param options.isEnough whether what was run will do
 * @param options.asked what to ask for from now on, if not for all that there is
 * @param options.longest the most requests of a script
 * @param options.hidden what there is beside the caller, if not the stem and the case's own rows
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
    const cases = anyCase(catalog, longest);
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
    // What comes after the answer that differs has no part in it.
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
    // Usage of today is of yesterday in the second world when midnight (UTC) lies between them.
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
