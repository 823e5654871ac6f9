import { tableNames } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";

/** What has an id: rows, and accounts, of which `otherAccount` are there only beside others' data. */
export type Kind = TableName | "account" | "otherAccount";

/** How the ids of each kind begin, so that a printed request can be read. */
const prefixes = new Map<Kind, string>([
  ["account", "12000000"],
  ["otherAccount", "13000000"],
  ...tableNames.map((table, i) => [table, `${20 + i}000000`] as const),
]);

/** The id of a row, the same in each world and each run. */
export function idOf(kind: Kind, number: number): string {
  // Of version 4: an id that the database makes has 7, and the time at which it was made.
  return `${prefixes.get(kind)}-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export const NIL = "00000000-0000-0000-0000-000000000000";

/** The numbers of a person's own rows of each kind. */
export function numbersOf(person: { number: number }): [number, number, number] {
  const first = person.number * 10;
  return [first + 1, first + 2, first + 3];
}

/** The numbers of the rows that belong to a tenant and to none of its people. */
export const sharedNumbers: [number, number] = [1, 2];

/** The numbers of rows that scripts guess and others have, but no caller. */
export const guessedNumbers = [901, 902, 903];

/** The numbers of rows that nobody guesses. */
export const secretNumbers = [951, 952];

/** The ids that clients choose: everybody's, those that are guessed, and that of a public row. */
export const textIds = ["text-1", "text-2"] as const;
export const guessedTextIds = ["guess-1", "guess-2"] as const;
export const publicTextId = "public-1";
