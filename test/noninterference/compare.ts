import type { Relation } from "./catalog.ts";
import { comparableAnswer, withoutChance } from "./comparable.ts";
import { TENANT } from "./own-world.ts";
import type { Answer, Request } from "./requests.ts";
import type { Run } from "./run.ts";
import type { Snapshot } from "./world.ts";

/** A difference between a run alone and a run beside others. */
export type Difference =
  | { kind: "answer"; at: number; alone: Answer; beside: Answer }
  | { kind: "own rows"; alone: string[]; beside: string[] }
  | { kind: "others' rows"; changed: string[] };

type Entry = Snapshot[number];

/** Compares the answers, the rows of the caller's world after the script, and the others' rows. */
export function differenceBetween(
  alone: Run,
  beside: Run,
  script: Request[],
  relations: Relation[],
): Difference | undefined {
  return differentAnswer(alone, beside, script, relations) ?? differentRows(alone, beside);
}

function differentAnswer(
  alone: Run,
  beside: Run,
  script: Request[],
  relations: Relation[],
): Difference | undefined {
  for (const [at, request] of script.entries()) {
    const [one, other] = [alone, beside].map((run) =>
      comparableAnswer(run.answers[at] as Answer, request, run, relations),
    ) as [Answer, Answer];
    if (JSON.stringify(one) === JSON.stringify(other)) continue;
    return { kind: "answer", at, alone: one, beside: other };
  }
  return undefined;
}

/** Beside others, the others' rows must be unchanged, and the rest must be the same as alone. */
function differentRows(alone: Run, beside: Run): Difference | undefined {
  const inAlone = (entry: Entry) => JSON.stringify(withoutChance(entry, alone));
  const inBeside = (entry: Entry) => JSON.stringify(withoutChance(entry, beside));
  const exactly = (entry: Entry) => JSON.stringify(entry);

  const theirs = subtract(beside.before, inBeside, alone.before.map(inAlone)).rest;
  const staying = theirs.filter((entry) => !isOfDeletedBrand(entry, alone.after));
  const { rest: ours, missing: changed } = subtract(beside.after, exactly, staying.map(exactly));
  if (changed.length > 0) return { kind: "others' rows", changed };

  const { rest, missing } = subtract(ours, inBeside, alone.after.map(inAlone));
  if (rest.length === 0 && missing.length === 0) return undefined;
  return { kind: "own rows", alone: missing, beside: rest.map(inBeside) };
}

/**
 * Returns whether a row was deleted with its brand. Deleting a brand deletes all sessions and
 * messages for it, which only their owners can see. It is the only way for a caller to change rows
 * that the caller cannot see.
 */
function isOfDeletedBrand({ table, row }: Entry, after: Snapshot): boolean {
  if (!/^conversation_(sessions|messages)$/.test(table) || row.tenant_id !== TENANT) return false;
  return !after.some(
    (entry) =>
      entry.table === "brands" && entry.row.id === row.brand_id && entry.row.tenant_id === TENANT,
  );
}

/** Removes one item per key. Returns the remaining items, and the keys that had no item. */
function subtract<T>(items: T[], keyOf: (item: T) => string, keys: string[]) {
  const open = new Map<string, number>();
  for (const key of keys) open.set(key, (open.get(key) ?? 0) + 1);
  const rest = items.filter((item) => {
    const key = keyOf(item);
    const count = open.get(key) ?? 0;
    if (count > 0) open.set(key, count - 1);
    return count === 0;
  });
  return { rest, missing: [...open].flatMap(([key, n]) => new Array<string>(n).fill(key)) };
}
