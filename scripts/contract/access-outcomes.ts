import { type Cells, type Outcome, type Role, roles, type Verb } from "./access-matrix.ts";

export const roleNames = Object.keys(roles) as Role[];

/** The verbs, in the order in which the matrix has them. */
export const verbs: readonly Verb[] = ["select", "insert", "update", "delete"];

/** One cell of a row of the matrix. */
export function outcomeFor(role: Role, cells: Cells): Outcome {
  if (typeof cells === "string") return cells;
  const [allowed, others, except = {}] = cells;
  if (allowed.includes(role)) return "allowed";
  return except[role] ?? (role === "anon" ? "42501" : others);
}

/** Whether one of the roles gets past the privileges: is allowed, or finds nothing. */
export function reaches(among: readonly Role[], cells: Cells): boolean {
  return among.some((role) => ["allowed", "nothing"].includes(outcomeFor(role, cells)));
}
