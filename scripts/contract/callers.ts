/** Who calls the API, and what becomes of a call: the words in which the contract says who may do what. */

export type Verb = "select" | "insert" | "update" | "delete";

/** The verbs, in the order in which the access matrix shows them. */
export const verbs: readonly Verb[] = ["select", "insert", "update", "delete"];

/** Who calls. Each asks for something of the member's, unless the text says otherwise. */
export const callers = {
  anon: "nobody has signed in",
  stranger: "has signed in, and is a member of no tenant",
  member: "a plain user, who asks for their own",
  colleague: "another plain user of the member's tenant",
  admin: "an admin of it",
  owner: "an owner of it",
  deactivated: "an owner whose membership is deactivated, who asks for their own",
  suspended: "an owner of a deactivated tenant, who asks for their own",
  outsider: "the owner of another tenant",
  service: "a backend with the secret key",
} as const;

export type Caller = keyof typeof callers;

export const callerNames = Object.keys(callers) as Caller[];

/** The callers whose requests run as the role `authenticated`. */
export const signedInCallers = callerNames.filter(
  (caller) => caller !== "anon" && caller !== "service",
);

/** The refusals, by SQLSTATE or the API's own code. */
export const refusals = {
  "23503": "this caller has no such parent to add a row to",
  "42501": "no privilege, no policy for such a row, or no account to do it for",
  "55000": "the view adds rows up: nobody can write to it",
  P0002: "this caller has no such row",
  PGRST202: "the API has no such function (the local one: 42804)",
} as const;

/** `nothing`: no error, and no row seen or changed. */
export type Outcome = "allowed" | "nothing" | keyof typeof refusals;

/**
 * What each caller gets: the same for all; or who is allowed, what the others get, and who of them
 * gets something else. In the second form anon, who has no privileges, gets 42501.
 */
export type Cells =
  | Outcome
  | readonly [
      allowed: readonly Caller[],
      others: Outcome,
      except?: Partial<Record<Caller, Outcome>>,
    ];

/** What one caller gets. */
export function outcomeFor(caller: Caller, cells: Cells): Outcome {
  if (typeof cells === "string") return cells;
  const [allowed, others, except = {}] = cells;
  if (allowed.includes(caller)) return "allowed";
  return except[caller] ?? (caller === "anon" ? "42501" : others);
}

/** Whether one of the callers gets past the privileges: is allowed, or finds nothing. */
export function reaches(among: readonly Caller[], cells: Cells): boolean {
  return among.some((caller) => ["allowed", "nothing"].includes(outcomeFor(caller, cells)));
}

// The groups of callers that rows of the contract allow.

/** The member, and the backend in their name. */
export const self: Caller[] = ["member", "service"];
export const admins: Caller[] = ["admin", "owner", "service"];
export const selfAndAdmins: Caller[] = ["member", ...admins];
export const members: Caller[] = ["member", "colleague", "admin", "owner"];
export const tenant: Caller[] = [...members, "service"];
/** Whose account it is, whatever becomes of their membership or tenant. */
export const account: Caller[] = ["member", "deactivated", "suspended"];
export const person: Caller[] = [...account, "service"];

export const byService: Cells = [["service"], "42501"];

type Writes = Record<Exclude<Verb, "select">, Cells>;

/** Each verb for these callers: anybody else may not insert, and finds nothing to change. */
function writtenBy(allowed: readonly Caller[]): Writes {
  return {
    insert: [allowed, "42501"],
    update: [allowed, "nothing"],
    delete: [allowed, "nothing"],
  };
}

export const writtenBySelf = writtenBy(self);
export const writtenByPerson = writtenBy(person);
export const writtenByAdmins = writtenBy(admins);
export const writtenByService = allWrites(byService);
export const writtenByNobody = allWrites("42501");
/** A view with sums, to which Postgres itself writes for nobody. */
export const summedUp = allWrites("55000");

function allWrites(cells: Cells): Writes {
  return { insert: cells, update: cells, delete: cells };
}
