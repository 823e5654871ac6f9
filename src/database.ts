import type { AssistantColumns } from "./assistant.js";
import type { Database as Generated } from "./database.types.js";
import type { DirectorColumns, DirectorFilled } from "./director.js";

type Narrowed = AssistantColumns & DirectorColumns;

/** Columns that a trigger fills, and that an insert may therefore leave out. */
type Filled = DirectorFilled;

/** The columns with the narrower types of `With`, as optional and as nullable as they were. */
type NarrowColumns<Columns, With> = {
  [C in keyof Columns]: C extends keyof With
    ? With[C] | Extract<Columns[C], null | undefined>
    : Columns[C];
};

type MakeOptional<Columns, Names> = Omit<Columns, Names & keyof Columns> &
  Partial<Pick<Columns, Names & keyof Columns>>;

type NarrowTable<Table, With, Optional> = {
  [Part in keyof Table]: Part extends "Insert"
    ? MakeOptional<NarrowColumns<Table[Part], With>, Optional>
    : Part extends "Row" | "Update"
      ? NarrowColumns<Table[Part], With>
      : Table[Part];
};

type NarrowTables<Tables> = {
  [T in keyof Tables]: NarrowTable<
    Tables[T],
    T extends keyof Narrowed ? Narrowed[T] : unknown,
    T extends keyof Filled ? Filled[T] : never
  >;
};

type RowsOf<Table, Many> = Table extends { Row: infer Row }
  ? Many extends true
    ? Row[]
    : Row
  : never;

/** A function that returns rows of a table returns them as narrow as the table does. */
type NarrowFunctions<Functions, Tables> = {
  [F in keyof Functions]: Functions[F] extends {
    SetofOptions: { to: infer T extends keyof Tables; isSetofReturn: infer Many };
  }
    ? Omit<Functions[F], "Returns"> & { Returns: RowsOf<Tables[T], Many> }
    : Functions[F];
};

/**
 * The types of the schema: what `supabase gen types` generates, with unions where a check restricts
 * a column and shapes for its JSON. Pass it to the client:
 *
 * @example
 * const supabase = createClient<Database>(url, publishableKey);
 */
export type Database = {
  public: Omit<Generated["public"], "Tables" | "Functions"> & {
    Tables: PublicTables;
    Functions: NarrowFunctions<Generated["public"]["Functions"], PublicTables>;
  };
};

type PublicTables = NarrowTables<Generated["public"]["Tables"]>;

/** The row of a table, as a select returns it. */
export type Tables<T extends keyof PublicTables> = PublicTables[T]["Row"];

/** What an insert into a table takes. */
export type TablesInsert<T extends keyof PublicTables> = PublicTables[T]["Insert"];

/** What an update of a table takes. */
export type TablesUpdate<T extends keyof PublicTables> = PublicTables[T]["Update"];
