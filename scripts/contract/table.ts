import type { SupabaseClient } from "@supabase/supabase-js";
import type { Sql } from "postgres";
import type { ServiceDatabase, ServiceInsert, Tables } from "../../src/index.ts";
import type { Caller, Cells, Outcome, Verb } from "./callers.ts";
import type { Column, Value } from "./columns.ts";

/** The types of the contract, which states each fact about a table, view or function once. */

type Schema = ServiceDatabase["public"];
export type TableName = keyof Schema["Tables"];
export type ViewName = keyof Schema["Views"];
export type FunctionName = keyof Schema["Functions"];

export type Row = Record<string, unknown>;

/** The owner of rows: a membership, an account, or both. */
export interface Owner {
  /** `auth.users.id`. */
  account?: string;
  /** `users.id`. */
  id?: string;
  tenant_id?: string;
}

export type Member = Required<Owner> & { email: string };

/** Makes rows for tests, as the service role. */
export interface Fixtures {
  /** Inserts a valid row for the owner, with its parents. A `null` owner makes the row public. */
  row: <T extends TableName>(
    table: T,
    owner: Owner | null,
    values?: Partial<ServiceInsert<T>>,
  ) => Promise<Tables<T>>;
  /** Returns the matching rows of a table or view, read as the service role. */
  stored: (relation: TableName | ViewName, filter: Row) => Promise<Row[]>;
  /** Deletes the matching rows of a table, as the service role. */
  remove: (table: TableName, filter: Row) => Promise<void>;
  /** Gives an invitation a token, and returns it. */
  tokenOf: (invitation: { id: string; tenant_id: string }) => Promise<string>;
  /** Refreshes a materialized view. */
  refresh: (view: ViewName) => Promise<void>;
}

/** The callers that run the query of an index. The test that uses them fills every table first. */
export interface Asking {
  /** A member with the role owner, and with rows in every table. */
  member: Member;
  client: SupabaseClient<ServiceDatabase>;
  backend: SupabaseClient<ServiceDatabase>;
  /** The owner of the schema, who maintains the database. */
  sql: Sql;
  /** Returns the id of a row that the client can read. Where rows belong to members, it is the client's own row. */
  idOf: (table: TableName, filter?: Row) => Promise<string>;
  fixtures: Fixtures;
  /** Runs the queries of `npm run db:report`. */
  report: () => Promise<unknown>;
  signUp: () => Promise<unknown>;
}

/** Runs the query once. A query that returns an error has failed. */
export type HotQuery = (asking: Asking) => PromiseLike<unknown>;

/** The numbers that the project's requirements promise. */
export interface Promised {
  indexes: number;
  policies: number;
}

export interface TableContract<T extends TableName = TableName> {
  /** The isolation key: the column whose value decides who sees a row. */
  key: "id" | "tenant_id" | "user_id";
  /** The column that the primary key has instead of the isolation key, if the isolation key can be null. */
  keyColumn?: string;
  /** The target of `user_id`: a membership (`users.id`) or an account (`auth.users.id`). */
  userIs?: "membership" | "account";
  /** The property of a member that holds the id of its row here, where every member has a row. */
  rowOfMember?: "id" | "tenant_id";
  promised?: Promised;
  access: Record<Verb, Cells>;
  /** The referenced isolated table, by column, except for `user_id`. */
  parents?: Readonly<Record<string, TableName>>;
  columns: Readonly<Record<string, Column>>;
  /** The values of a valid row, without its keys and parents. */
  valid: { readonly [C in keyof ServiceInsert<T>]?: Value };
  /** The values that mark a row of the service role as written by its owner. */
  onBehalf?: Row;
  /** The column that tests update, because no trigger or default changes it. */
  change: string;
  /** By check constraint, the values that make it refuse a valid row (23514). */
  refused: Readonly<Record<string, readonly Row[]>>;
  /** The values at the limits, which the constraints still accept. */
  accepted?: readonly Row[];
  /** Foreign keys that no row can violate, with the trigger function that refuses the row first. */
  precededBy?: Readonly<Record<string, string>>;
  /** Unique constraints without the isolation key, with the reason. */
  uniqueBeyondKey?: Readonly<Record<string, string>>;
  /** B-tree indexes that do not start with the isolation key, with the reason. */
  sortedBeyondKey?: Readonly<Record<string, string>>;
  /** For each index: the query that uses it, or the reason why no query does. */
  indexes: Readonly<Record<string, HotQuery | string>>;
}

export interface ViewContract {
  access: Record<Verb, Cells>;
  /** Creates a row that the view shows to its owner. Returns a filter for only this row. */
  shown: (make: Fixtures, owner: Member) => Promise<Row>;
  /** A row that exists nowhere. Inserting it must fail. */
  attempt: (owner: Member) => Row;
  /** An update that must fail for every caller. */
  change: Row;
  /** By index of a materialized view, the query that uses it. */
  indexes?: Readonly<Record<string, HotQuery>>;
}

/** A call of a function on new rows that belong to the owner. */
export interface Call<F extends FunctionName> {
  args: Schema["Functions"][F]["Args"];
  /**
   * Returns whether the call read the owner's row or, for a function that writes, changed it. The
   * answer is `null` after a refusal.
   */
  isReached: (answer: Schema["Functions"][F]["Returns"] | null) => boolean | Promise<boolean>;
}

export interface FunctionContract<F extends FunctionName = FunctionName> {
  access: Cells;
  call: (make: Fixtures, owner: Member) => Promise<Call<F>>;
  /** The call changes the caller's own memberships, so a test of it needs callers of its own. */
  usesUpCaller?: true;
  /** The argument that names a row. Another tenant's row and a missing row get the same answer. */
  about?: string & keyof Schema["Functions"][F]["Args"];
}

/** A trigger function in the schema that the API serves. */
export interface TriggerFunctionContract {
  access: Cells;
  /** Whether it is `security definer`. The migration states the reason. */
  isDefiner?: true;
}

/** A function of the schema `private`. The default is `security invoker`, and no grants. */
export interface PrivateFunctionContract {
  isDefiner?: true;
  /** Whether `authenticated` and `service_role` may execute it, as policies and defaults do. */
  isCallable?: true;
}

/** A table of the schema `private`, which only its owner writes. */
export interface PrivateTableContract {
  /** The values of a valid row; null if the table has its only row already. */
  valid: Row | null;
  refused: Readonly<Record<string, readonly Row[]>>;
  indexes: Readonly<Record<string, HotQuery | string>>;
}

/** The tables, views and functions that belong together. */
export interface System {
  title: string;
  /** A fact that the access matrix does not show. */
  note?: string;
  tables: { readonly [T in TableName]?: TableContract<T> };
  views: { readonly [V in ViewName]?: ViewContract };
  functions: { readonly [F in FunctionName]?: FunctionContract<F> };
  triggerFunctions: Readonly<Record<string, TriggerFunctionContract>>;
  privateTables?: Readonly<Record<string, PrivateTableContract>>;
  privateFunctions: Readonly<Record<string, PrivateFunctionContract>>;
}

export type { Caller, Cells, Outcome };

const DAY = 86_400_000;

/** The time, or the date, this many days ago: the start of a queried period. */
export const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
export const dayAgo = (days: number): string => daysAgo(days).slice(0, 10);

/** Options of a select that counts rows without returning them. */
export const COUNT = { count: "exact", head: true } as const;
