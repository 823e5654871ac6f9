import { tableNames } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";

/** The kind of row that an id identifies. An `otherAccount` exists only beside others. */
export type Kind = TableName | "account" | "otherAccount";

/** The first digits of each kind's ids, which make a printed request readable. */
const prefixes = new Map<Kind, string>([
  ["account", "12000000"],
  ["otherAccount", "13000000"],
  ...tableNames.map((table, i) => [table, `${20 + i}000000`] as const),
]);

/** Returns the id of a row, which is the same in each world and each run. */
export function idOf(kind: Kind, number: number): string {
  // Version 4, because ids of the database have version 7 and contain the time.
  return `${prefixes.get(kind)}-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export const NIL = "00000000-0000-0000-0000-000000000000";

/** Returns the numbers of a person's rows of each kind. */
export function numbersOf(person: { number: number }): [number, number, number] {
  const first = person.number * 10;
  return [first + 1, first + 2, first + 3];
}

/** The numbers of the rows that belong to a tenant and to no person. */
export const sharedNumbers: [number, number] = [1, 2];

/** The numbers of rows that scripts guess. Others have such rows, but no caller has. */
export const guessedNumbers = [901, 902, 903];

/** The numbers of rows that no script guesses. */
export const secretNumbers = [951, 952];

/** Ids that clients choose: used by every person, guessed by scripts, and used by a public row. */
export const textIds = ["text-1", "text-2"] as const;
export const guessedTextIds = ["guess-1", "guess-2"] as const;
export const publicTextId = "public-1";
