/** The kinds of rows, by how their ids begin, so that a printed request can be read. */
const kinds = {
  tenant: "10000000",
  user: "11000000",
  account: "12000000",
  /** Accounts that exist only beside others' data. */
  otherAccount: "13000000",
  conversation: "20000000",
  message: "21000000",
  feedback: "22000000",
  usage: "23000000",
  brand: "30000000",
  session: "31000000",
  sessionMessage: "32000000",
  call: "40000000",
};

export type Kind = keyof typeof kinds;

/** The id of a row, the same in each world and each run. */
export function idOf(kind: Kind, number: number): string {
  // Of version 4: an id that the database makes has 7, and the time at which it was made.
  return `${kinds[kind]}-0000-4000-8000-${String(number).padStart(12, "0")}`;
}

export const NIL = "00000000-0000-0000-0000-000000000000";

/** The numbers of a person's own rows of each kind. */
export function numbersOf(person: { number: number }): [number, number, number] {
  const first = person.number * 10;
  return [first + 1, first + 2, first + 3];
}

/** The numbers of the tenant's brands. */
export const brandNumbers = [1, 2] as const;

/** The numbers of rows that scripts guess and others have, but no caller. */
export const guessedNumbers = [901, 902, 903];

/** The numbers of rows that nobody guesses. */
export const secretNumbers = [951, 952];

/** The ids of chats and documents, which clients choose: everybody's, and those that are guessed. */
export const chatIds = ["chat-1", "chat-2"];
export const documentIds = ["doc-1", "doc-2"];
export const guessedTextIds = ["guess-1", "guess-2"];
