// The only file of its project, because it empties all tables repeatedly.
import { beforeAll, expect, test } from "vitest";
import { only, readCatalog } from "./catalog.ts";
import { signInCallers } from "./clients.ts";
import { type Leak, leaks } from "./leaks.ts";
import { othersOf } from "./others.ts";
import { ownWorld } from "./own-world.ts";
import { callers } from "./people.ts";
import { checkScripts, type Stage } from "./property.ts";
import { describeFailure } from "./report.ts";
import type { Row } from "./rows.ts";
import type { Tally } from "./tally.ts";
import {
  assertNobodyElse,
  createAccounts,
  enterWorld,
  removeWorld,
  takeSnapshot,
} from "./world.ts";

/** The number of requests in a run of the tests; `npm run test:noninterference` sends more. */
const DEFAULT_REQUESTS = 500;

/** From this number of requests on, all tables, verbs and functions must be covered. */
const MEANINGFUL = 500;

const requests = Number(process.env.NONINTERFERENCE_REQUESTS ?? DEFAULT_REQUESTS);
const seed = Number(process.env.NONINTERFERENCE_SEED ?? Math.floor(Math.random() * 1e9));

/** The relations and functions to use, copied from a failure's report; all by default. */
const chosen = process.env.NONINTERFERENCE_ASKED?.split(",") ?? [];

/** Returns `messages` for `insert messages`. */
const nameIn = (target: string) => target.split(" ").at(-1) ?? "";

/** Controls run the same scripts each time, because how far a case shrinks depends on chance. */
const CONTROL_SEED = 2;

// A request that is never answered must not block the run forever.
const timeout = 600_000 + requests * 500;

let stage: Stage;

beforeAll(async () => {
  await assertNobodyElse();
  await createAccounts();
  stage = { catalog: await readCatalog(), clients: await signInCallers() };
  // Only after the check above, because it deletes all rows.
  return removeWorld;
});

test("a caller's answers and changes do not depend on the data of others", {
  timeout,
}, async () => {
  const missing = (tally: Tally) => tally.missing(stage.catalog);
  // After enough requests, scripts name only what no request has covered so far.
  const asked = (tally: Tally) => {
    if (chosen.length > 0 || tally.requests < requests) return only(chosen, stage.catalog);
    return only(missing(tally).map(nameIn), stage.catalog);
  };
  const most = Math.max(2 * requests, 4000);
  const isEnough = (tally: Tally) =>
    tally.requests >= requests && (missing(tally).length === 0 || tally.requests >= most);
  const verdict = await checkScripts(stage, { seed, isEnough, asked });
  const { tally, seconds } = verdict;
  const figures = `${tally.requests} requests in ${tally.scripts} scripts, ${Math.round(seconds)} s`;
  console.log(`seed ${seed}: ${figures}, ${Math.round(100 * tally.answered)} % answered\n${tally}`);
  expect(describeFailure(verdict)).toBe("");
  // Usually 45 to 50 % are answered. The rest are refused, because of the request or the caller.
  if (requests >= MEANINGFUL) {
    expect(missing(tally)).toEqual([]);
    expect(tally.answered).toBeGreaterThan(0.35);
  }
});

test("two runs in the same world do not differ", { timeout }, async () => {
  const isEnough = (tally: Tally) => tally.requests >= 100;
  const verdict = await checkScripts(stage, { seed, isEnough, hidden: () => [] });
  expect(describeFailure(verdict)).toBe("");
});

test.each(Object.entries(leaks))(
  "the scripts find %s, and shrink the case",
  { timeout },
  async (_, { relation, open }: Leak) => {
    const { relations, functions } = stage.catalog;
    const related = { functions, relations: relations.filter(({ name }) => name === relation) };
    const mend = await open();
    try {
      const isEnough = (tally: Tally) => tally.requests >= 1000;
      const asked = () => related;
      const options = { seed: CONTROL_SEED, isEnough, asked, longest: 10 };
      const { failure } = await checkScripts(stage, options);
      expect(failure?.case.script.length).toBeLessThanOrEqual(2);
      expect(failure?.case.others).toEqual([]);
    } finally {
      await mend();
    }
  },
);

test("others have rows in each table, some with the same ids as the caller's rows", async () => {
  const tables = stage.catalog.relations.filter(({ isTable }) => isTable);
  const idsIn = async (rows: Row[]) => {
    await enterWorld(rows);
    const stored = await takeSnapshot(tables);
    return (name: string) => stored.flatMap(({ table, row }) => (table === name ? [row.id] : []));
  };
  const own = ownWorld(callers.member);
  const alone = await idsIn(own);
  const beside = await idsIn([...own, ...othersOf(callers.member).stem]);
  for (const { name } of tables) {
    const ids = alone(name);
    expect(ids.length, name).toBeGreaterThan(0);
    expect(beside(name).length, name).toBeGreaterThan(ids.length);
    // The id of a tenant is its whole key, so no other tenant can have it.
    if (name === "tenants") continue;
    const same = beside(name).filter((id) => ids.includes(id));
    expect(same.length, name).toBeGreaterThan(ids.length);
  }
});
