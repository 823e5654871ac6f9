import type { Database as Generated } from "./database.types.js";
import type { CheckedColumns, NarrowFunctions, NarrowTables } from "./narrow.js";

/**
 * The types of the schema: what `supabase gen types` generates, with unions where a check restricts
 * a column and shapes for its JSON. Pass it to the client:
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

/** Views are for reading: nobody may write through one, not even where Postgres could. */
type PublicViews = {
  [V in keyof Generated["public"]["Views"]]: Omit<
    Generated["public"]["Views"][V],
    "Insert" | "Update"
  >;
};

type PublicRelations = PublicTables & PublicViews;

/** The row of a table or view, as a select returns it. */
export type Tables<T extends keyof PublicRelations> = PublicRelations[T]["Row"];

/** What an insert into a table takes. */
export type TablesInsert<T extends keyof PublicTables> = PublicTables[T]["Insert"];

/** What an update of a table takes. */
export type TablesUpdate<T extends keyof PublicTables> = PublicTables[T]["Update"];

type CheckedTable = keyof CheckedColumns & string;

/** `users.role` and the like: every column with a check that lists its values. */
type CheckedName = {
  [T in CheckedTable]: `${T}.${keyof CheckedColumns[T] & string}`;
}[CheckedTable];

/**
 * The values that a check allows a column: what an enum would be, of which this schema has none.
 *
 * @example
 * const role: Enums<"messages.role"> = "assistant";
 */
export type Enums<Column extends CheckedName> =
  Column extends `${infer T extends CheckedTable}.${infer C}`
    ? CheckedColumns[T][C & keyof CheckedColumns[T]]
    : never;

type Functions = Database["public"]["Functions"];

/** The name of a function that the API has. */
export type FunctionName = keyof Functions & string;

/** The arguments of a function, by name. */
export type FunctionArgs<F extends FunctionName> = Functions[F]["Args"];

/** What a function returns: an array where it returns rows. */
export type FunctionResult<F extends FunctionName> = Functions[F]["Returns"];
