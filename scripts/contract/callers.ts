/** The callers of the API and the outcomes of a call, which the contract uses to define access. */

export type Verb = "select" | "insert" | "update" | "delete";

/** The verbs, in the order of the access matrix. */
export const verbs: readonly Verb[] = ["select", "insert", "update", "delete"];

/** The callers. Each acts on the member's rows, unless the text says otherwise. */
export const callers = {
  anon: "a caller who has not signed in",
  stranger: "a signed-in account without a membership",
  member: "a plain user, who acts on their own rows",
  colleague: "another plain user of the member's tenant",
  admin: "an admin of the member's tenant",
  owner: "an owner of the member's tenant",
  deactivated: "an owner whose membership is deactivated, who acts on their own rows",
  suspended: "an owner of a deactivated tenant, who acts on their own rows",
  outsider: "the owner of another tenant",
  elsewhere: "a member of the member's tenant and of another, whose request is for the other",
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
  "22023": "the argument is not valid for this caller",
  "23503": "the parent row does not exist for this caller",
  "42501":
    "no privilege, no policy that allows the row, or no account to act for (the service role has no `auth.uid()`)",
  "55000":
    "nobody can do this: a view that aggregates rows accepts no writes, and the audit log only grows",
  P0002: "the row does not exist for this caller",
  PGRST202: "the API does not serve this function (the local stack returns 42804)",
} as const;

/** `nothing`: no error, and no row is read or changed. */
export type Outcome = "allowed" | "nothing" | keyof typeof refusals;

/**
 * The outcome of each caller: either one outcome for all callers, or a list of the callers that are
 * allowed, the outcome of the rest, and callers of the rest with another outcome. With a list, anon
 * gets 42501, because it has no privileges.
 */
export type Cells =
  | Outcome
  | readonly [
      allowed: readonly Caller[],
      others: Outcome,
      except?: Partial<Record<Caller, Outcome>>,
    ];

/** Returns the outcome of one caller. */
export function outcomeFor(caller: Caller, cells: Cells): Outcome {
  if (typeof cells === "string") return cells;
  const [allowed, others, except = {}] = cells;
  if (allowed.includes(caller)) return "allowed";
  return except[caller] ?? (caller === "anon" ? "42501" : others);
}

/** Returns whether the privileges admit one of the callers: its outcome is allowed or nothing. */
export function reaches(among: readonly Caller[], cells: Cells): boolean {
  return among.some((caller) => ["allowed", "nothing"].includes(outcomeFor(caller, cells)));
}

// The groups of callers that the contract allows.

/** The member, and the backend on the member's behalf. */
export const self: Caller[] = ["member", "service"];
export const admins: Caller[] = ["admin", "owner", "service"];
export const selfAndAdmins: Caller[] = ["member", ...admins];
export const members: Caller[] = ["member", "colleague", "admin", "owner"];
export const tenant: Caller[] = [...members, "service"];
/** The account itself, whether or not its membership and tenant are active. */
export const account: Caller[] = ["member", "deactivated", "suspended"];
export const person: Caller[] = [...account, "service"];

export const byService: Cells = [["service"], "42501"];

type Writes = Record<Exclude<Verb, "select">, Cells>;

/** Allows all writes to these callers. Other callers cannot insert, and find no row to change. */
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
/** The writes of an aggregating view, all of which Postgres itself refuses. */
export const summedUp = allWrites("55000");

function allWrites(cells: Cells): Writes {
  return { insert: cells, update: cells, delete: cells };
}
