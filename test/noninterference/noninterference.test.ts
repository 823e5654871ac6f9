// The one file of its project: it empties the tables, again and again.
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

/** Of each run of the tests; npm run test:noninterference asks for more. */
const DEFAULT_REQUESTS = 500;

/** From so many on, none of the tables, verbs and functions is left out. */
const MEANINGFUL = 500;

const requests = Number(process.env.NONINTERFERENCE_REQUESTS ?? DEFAULT_REQUESTS);
const seed = Number(process.env.NONINTERFERENCE_SEED ?? Math.floor(Math.random() * 1e9));

/** What a failure says that it was found with. */
const chosen = process.env.NONINTERFERENCE_ASKED?.split(",") ?? [];

/** `messages` in `insert messages`. */
const nameIn = (target: string) => target.split(" ").at(-1) ?? "";

/** Controls want the same scripts each time: how far a case can be shrunk is a matter of luck. */
const CONTROL_SEED = 2;

// A request that is never answered must not hold the run for ever.
const timeout = 600_000 + requests * 500;

let stage: Stage;

beforeAll(async () => {
  await assertNobodyElse();
  await createAccounts();
  stage = { catalog: await readCatalog(), clients: await signInCallers() };
  // Not otherwise: it would remove everybody else's.
  return removeWorld;
});

test("what a caller is answered and does depends on nobody else's data", {
  timeout,
}, async () => {
  const missing = (tally: Tally) => tally.missing(stage.catalog);
  // What chance has left out so far is then asked for alone.
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
  // It is 45 to 50 %: the rest is refused for what it asks, or for who asks.
  if (requests >= MEANINGFUL) {
    expect(missing(tally)).toEqual([]);
    expect(tally.answered).toBeGreaterThan(0.35);
  }
});

test("the same world twice makes no difference", { timeout }, async () => {
  const isEnough = (tally: Tally) => tally.requests >= 100;
  const verdict = await checkScripts(stage, { seed, isEnough, hidden: () => [] });
  expect(describeFailure(verdict)).toBe("");
});

test.each(Object.entries(leaks))(
  "%s is found, and its case shrunk",
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

test("beside a caller, others have rows in each table, some with ids of the caller's", async () => {
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
    // The id of a tenant is its key: nobody else can have it.
    if (name === "tenants") continue;
    const same = beside(name).filter((id) => ids.includes(id));
    expect(same.length, name).toBeGreaterThan(ids.length);
  }
});
