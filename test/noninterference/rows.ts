import { evaluate } from "../../scripts/contract/columns.ts";
import { columnsOf, tables, tablesInOrder } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { idOf, sharedNumbers } from "./ids.ts";

/** A row to store. All rows of one table have the same columns. */
export interface Row {
  table: `public.${TableName}` | "auth.users";
  values: Record<string, unknown>;
}

/** Long before each run, so that all times that the database sets during a script are later. */
const created_at = "2025-03-01T12:00:00+00:00";

/** The addresses of invitations. The first is a member's, who can decline. */
const invited = ["ben", "nobody", "somebody"].map((name) => `${name}@noninterference.example`);

/** The index of one of the contract's samples for a column. */
export type Variant = 0 | 1 | 2;
export const variants: readonly Variant[] = [0, 1, 2];

/** The owner of a row. */
export interface Place {
  tenant_id: string;
  /** The id in `public.users`. */
  membership: string;
  /** The id in `auth.users`; null for public rows. */
  account: string | null;
}

/** Returns an account that never signs in. */
export function account(id: string, email: string): Row {
  const role = "authenticated";
  return { table: "auth.users", values: { id, aud: role, role, email } };
}

export function tenant(id: string, slug: string, is_active = true): Row {
  return { table: "public.tenants", values: { id, slug, name: "Acme", is_active, created_at } };
}

export function user(values: {
  id: string;
  tenant_id: string;
  auth_id: string | null;
  email: string;
  role: string;
  is_active: boolean;
}): Row {
  return { table: "public.users", values: { ...values, name: "Fixture", created_at } };
}

/** All tables except `tenants` and `users`, parents first. */
export const contentTables = tablesInOrder.filter((table) => !tables[table].rowOfMember);

/** Returns whether a table's rows belong to people, and not to the tenant as a whole. */
export function isPersonal(table: TableName): boolean {
  const { userIs, parents = {} } = tables[table];
  return userIs !== undefined || Object.values(parents).some(isPersonal);
}

/** Returns whether a table's rows belong to a tenant. */
export const hasTenant = (table: TableName): boolean => "tenant_id" in columnsOf(table);

/** Returns whether clients choose the ids of a table. */
export const hasTextIds = (table: TableName): boolean => columnsOf(table).id?.insert === true;

/**
 * Returns a row of any other table, with the contract's samples.
 *
 * @param id the row's number, or the text that a client has chosen
 * @param parentIn returns the number of the parent in a table whose rows belong to people
 */
export function rowOf(
  table: TableName,
  place: Place,
  id: number | string,
  variant: Variant,
  parentIn: (table: TableName) => number,
): Row {
  const { userIs, parents = {}, valid } = tables[table];
  const sampled = Object.entries(columnsOf(table)).flatMap(([column, { samples }]) =>
    samples ? [[column, samples[variant]]] : [],
  );
  const required = Object.entries(valid).map(([column, value]) => [
    column,
    // A fixed text, which is the same in each run.
    typeof value !== "function"
      ? evaluate(value)
      : column === "email"
        ? invited[variant]
        : `${column}-${variant}`,
  ]);
  const references = Object.entries(parents).map(([column, target]) => [
    column,
    idOf(target, isPersonal(target) ? parentIn(target) : sharedNumbers[0]),
  ]);
  return {
    table: `public.${table}`,
    values: {
      ...Object.fromEntries([...required, ...sampled, ...references]),
      id: typeof id === "number" ? idOf(table, id) : id,
      ...(hasTenant(table) && { tenant_id: place.tenant_id }),
      ...(userIs && { user_id: userIs === "membership" ? place.membership : place.account }),
      ["created_at" in columnsOf(table) ? "created_at" : "at"]: created_at,
    },
  };
}
