import type { AssistantColumns } from "./assistant.ts";
import type { Database as Generated } from "./database.types.ts";

type Narrowed = AssistantColumns;

/** The columns with the narrower types of `With`, as optional and as nullable as they were. */
type NarrowColumns<Columns, With> = {
  [C in keyof Columns]: C extends keyof With
    ? With[C] | Extract<Columns[C], null | undefined>
    : Columns[C];
};

type NarrowTable<Table, With> = {
  [Part in keyof Table]: Part extends "Row" | "Insert" | "Update"
    ? NarrowColumns<Table[Part], With>
    : Table[Part];
};

type NarrowTables<Tables> = {
  [T in keyof Tables]: T extends keyof Narrowed ? NarrowTable<Tables[T], Narrowed[T]> : Tables[T];
};

/**
 * The types of the schema: what `supabase gen types` generates, with unions where a check restricts
 * a column and shapes for its JSON. Pass it to the client:
 *
 * @example
 * const supabase = createClient<Database>(url, publishableKey);
 */
export type Database = {
  [Schema in keyof Generated]: {
    [Kind in keyof Generated[Schema]]: Kind extends "Tables"
      ? NarrowTables<Generated[Schema][Kind]>
      : Generated[Schema][Kind];
  };
};

type PublicTables = Database["public"]["Tables"];

/** The row of a table, as a select returns it. */
export type Tables<T extends keyof PublicTables> = PublicTables[T]["Row"];

/** What an insert into a table takes. */
export type TablesInsert<T extends keyof PublicTables> = PublicTables[T]["Insert"];

/** What an update of a table takes. */
export type TablesUpdate<T extends keyof PublicTables> = PublicTables[T]["Update"];
