import type { Database as Generated } from "./database.types.js";
import type { ForMembers } from "./members.js";
import type { CheckedColumns, NarrowFunctions, NarrowTables } from "./narrow.js";
import type { UniqueKeys } from "./relations.js";

/**
 * The types of the schema, as a signed-in user meets it: the relations that they can read, and in
 * inserts and updates only the columns that they can write. Pass it to the client.
 *
 * The types are the output of `supabase gen types`, narrowed to the values of checks and the shapes
 * of JSON columns.
 *
 * @example
 * const supabase = createClient<Database>(url, publishableKey);
 */
export type Database = {
  public: Schema<MemberTables, ForMembers<PublicViews>>;
};

/**
 * The types of the schema, as a backend meets it with the secret key: every relation, and every
 * column of inserts and updates.
 *
 * @example
 * const asService = createClient<ServiceDatabase>(url, secretKey);
 */
export type ServiceDatabase = { public: Schema<PublicTables, PublicViews> };

type Schema<Tables, Views> = Omit<Generated["public"], "Tables" | "Views" | "Functions"> & {
  Tables: Tables;
  Views: Views;
  Functions: NarrowFunctions<Generated["public"]["Functions"], PublicTables>;
};

type PublicTables = NarrowTables<Generated["public"]["Tables"]>;
type MemberTables = ForMembers<PublicTables>;

/** Views are read-only for all callers, even where Postgres could write through them. */
type PublicViews = {
  [V in keyof Generated["public"]["Views"]]: Omit<
    Generated["public"]["Views"][V],
    "Insert" | "Update"
  >;
};

type PublicRelations = PublicTables & PublicViews;

/** A row of a table or view, as a select returns it. */
export type Tables<T extends keyof PublicRelations> = PublicRelations[T]["Row"];

/** The values that an insert of a signed-in user accepts; `never` where they cannot insert. */
export type TablesInsert<T extends keyof MemberTables> = MemberTables[T]["Insert"];

/** The values that an update of a signed-in user accepts; `never` where they cannot update. */
export type TablesUpdate<T extends keyof MemberTables> = MemberTables[T]["Update"];

/** The values that an insert with the secret key accepts. */
export type ServiceInsert<T extends keyof PublicTables> = PublicTables[T]["Insert"];

/** The values that an update with the secret key accepts. */
export type ServiceUpdate<T extends keyof PublicTables> = PublicTables[T]["Update"];

/**
 * A key of a table, for `onConflict` of an upsert, which supabase-js takes as any text.
 *
 * @example
 * const onConflict: UniqueKey<"brands"> = "tenant_id,slug";
 * await supabase.from("brands").upsert(brand, { onConflict });
 */
export type UniqueKey<T extends keyof UniqueKeys> = UniqueKeys[T];

type CheckedTable = keyof CheckedColumns & string;

/** Every column with a check that lists its values, such as `users.role`. */
type CheckedName = {
  [T in CheckedTable]: `${T}.${keyof CheckedColumns[T] & string}`;
}[CheckedTable];

/**
 * The values that a check allows for a column. The schema has no enum types: it uses checks.
 *
 * @example
 * const role: Enums<"messages.role"> = "assistant";
 */
export type Enums<Column extends CheckedName> =
  Column extends `${infer T extends CheckedTable}.${infer C}`
    ? CheckedColumns[T][C & keyof CheckedColumns[T]]
    : never;

type Functions = Database["public"]["Functions"];

/** The name of a function that the API exposes. */
export type FunctionName = keyof Functions & string;

/** The arguments of a function, by name. */
export type FunctionArgs<F extends FunctionName> = Functions[F]["Args"];

/** The result of a function: an array for functions that return rows. */
export type FunctionResult<F extends FunctionName> = Functions[F]["Returns"];
