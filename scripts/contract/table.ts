import type { SupabaseClient } from "@supabase/supabase-js";
import type { Sql } from "postgres";
import type { Database, Tables, TablesInsert } from "../../src/index.ts";
import type { Caller, Cells, Outcome, Verb } from "./callers.ts";
import type { Column, Value } from "./columns.ts";

/** What a row of the contract says of a table, a view or a function: each fact once, for all readers. */

type Schema = Database["public"];
export type TableName = keyof Schema["Tables"];
export type ViewName = keyof Schema["Views"];
export type FunctionName = keyof Schema["Functions"];

export type Row = Record<string, unknown>;

/** Whose rows are: a membership, an account, or both. */
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
  /** Inserts a valid row of somebody's, its parents included; of nobody's for `null`: public. */
  row: <T extends TableName>(
    table: T,
    owner: Owner | null,
    values?: Partial<TablesInsert<T>>,
  ) => Promise<Tables<T>>;
  /** The rows of a table or view that the service role finds. */
  stored: (relation: TableName | ViewName, filter: Row) => Promise<Row[]>;
  /** Refreshes a materialized view. */
  refresh: (view: ViewName) => Promise<void>;
}

/** Who asks the query that an index is for, in a database where every table is filled. */
export interface Asking {
  /** An owner of a tenant, who has rows in every table. */
  member: Member;
  client: SupabaseClient<Database>;
  backend: SupabaseClient<Database>;
  /** The owner of the schema, who maintains the database. */
  sql: Sql;
  /** The id of a row that the client sees: their own where rows belong to people. */
  idOf: (table: TableName, filter?: Row) => Promise<string>;
  fixtures: Fixtures;
  /** Reads what `npm run db:report` reads. */
  report: () => Promise<unknown>;
  signUp: () => Promise<unknown>;
}

/** Asks once. A query that gives back an error has failed. */
export type HotQuery = (asking: Asking) => PromiseLike<unknown>;

/** Numbers that the documents of the project promise. */
export interface Promised {
  indexes: number;
  policies: number;
}

export interface TableContract<T extends TableName = TableName> {
  /** The column that isolates its rows. */
  key: "id" | "tenant_id" | "user_id";
  /** The column that stands for the key in the primary key, which takes no null. */
  keyColumn?: string;
  /** What `user_id` refers to: a membership (`users.id`) or an account (`auth.users.id`). */
  userIs?: "membership" | "account";
  /** The property of a member that is the id of their row, where a member has one from the start. */
  rowOfMember?: "id" | "tenant_id";
  promised?: Promised;
  access: Record<Verb, Cells>;
  /** The table that each reference to an isolated table names, by column; `user_id` aside. */
  parents?: Readonly<Record<string, TableName>>;
  columns: Readonly<Record<string, Column>>;
  /** What a valid row has besides its keys and parents. */
  valid: { readonly [C in keyof TablesInsert<T>]?: Value };
  /** The column whose other value is a harmless change, which nothing else makes. */
  change: string;
  /** By check constraint, what makes it refuse a valid row (23514). */
  refused: Readonly<Record<string, readonly Row[]>>;
  /** What it still accepts: the limits themselves. */
  accepted?: readonly Row[];
  /** Foreign keys that nothing violates, because a trigger refuses the row first, and which. */
  precededBy?: Readonly<Record<string, string>>;
  /** Unique constraints without the isolation key, each with its reason. */
  uniqueBeyondKey?: Readonly<Record<string, string>>;
  /** B-trees whose first column is no key, each with its reason. */
  sortedBeyondKey?: Readonly<Record<string, string>>;
  /** The query that each index is for; or the reason why it has none. */
  indexes: Readonly<Record<string, HotQuery | string>>;
}

export interface ViewContract {
  access: Record<Verb, Cells>;
  /** Makes a row that the view shows to its owner, and tells it from all others. */
  shown: (make: Fixtures, owner: Member) => Promise<Row>;
  /** A row that nobody's is, to be inserted in vain. */
  attempt: (owner: Member) => Row;
  /** An update that nobody succeeds with. */
  change: Row;
  /** Of a materialized view. */
  indexes?: Readonly<Record<string, HotQuery>>;
}

/** A call of a function, with what it is about made anew on behalf of its owner. */
export interface Call<F extends FunctionName> {
  args: Schema["Functions"][F]["Args"];
  /** Whether it is in the answer or, for what a call changes, changed. `null` after a refusal. */
  isReached: (answer: Schema["Functions"][F]["Returns"] | null) => boolean | Promise<boolean>;
}

export interface FunctionContract<F extends FunctionName = FunctionName> {
  access: Cells;
  call: (make: Fixtures, owner: Member) => Promise<Call<F>>;
  /** The argument that names a row: another's and one that does not exist are answered alike. */
  about?: string & keyof Schema["Functions"][F]["Args"];
}

/** A trigger function in the schema that the API serves. */
export interface TriggerFunctionContract {
  access: Cells;
  /** Whether it runs with its owner's rights; the reason stands in the migration. */
  isDefiner?: true;
}

/** A function of the schema `private`, where it is not simply the caller's and closed. */
export interface PrivateFunctionContract {
  isDefiner?: true;
  /** Whether `authenticated` and `service_role` may execute it, through policies and defaults. */
  isCallable?: true;
}

/** A table of the schema `private`, which its owner alone writes. */
export interface PrivateTableContract {
  valid: Row;
  refused: Readonly<Record<string, readonly Row[]>>;
  indexes: Readonly<Record<string, HotQuery | string>>;
}

/** The tables, views and functions that belong together. */
export interface System {
  title: string;
  /** What the rows do not say. */
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

/** A time so many days ago, and its day: what queries over a period begin with. */
export const daysAgo = (days: number): string => new Date(Date.now() - days * DAY).toISOString();
export const dayAgo = (days: number): string => daysAgo(days).slice(0, 10);

/** Counts rows without reading them out. */
export const COUNT = { count: "exact", head: true } as const;
