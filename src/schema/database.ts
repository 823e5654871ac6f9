import type { Database as Generated } from "./database.types.js";
import type { CheckedColumns, NarrowFunctions, NarrowTables } from "./narrow.js";

/**
 * The types of the schema: the output of `supabase gen types`, narrowed to the values of checks and
 * the shapes of JSON columns. Pass it to the client.
 *
 * @example
 * const supabase = createClient<Database>(url, publishableKey);
 */
export type Database = {
  public: Omit<Generated["public"], "Tables" | "Views" | "Functions"> & {
    Tables: PublicTables;
    Views: PublicViews;
    Functions: NarrowFunctions<Generated["public"]["Functions"], PublicTables>;
  };
};

type PublicTables = NarrowTables<Generated["public"]["Tables"]>;

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

/** The values that an insert into a table accepts. */
export type TablesInsert<T extends keyof PublicTables> = PublicTables[T]["Insert"];

/** The values that an update of a table accepts. */
export type TablesUpdate<T extends keyof PublicTables> = PublicTables[T]["Update"];

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
