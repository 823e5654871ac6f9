import type { AssistantColumns } from "./assistant.js";
import type { Database as Generated } from "./database.types.js";
import type { DirectorColumns, DirectorFilled, DirectorFunctions } from "./director.js";
import type { IntegrationColumns, IntegrationFunctions, IntegrationInputs } from "./integration.js";

type Narrowed = AssistantColumns & DirectorColumns & IntegrationColumns;

type NarrowedFunctions = DirectorFunctions & IntegrationFunctions;

/** Columns that take more than they return. */
type Inputs = IntegrationInputs;

/** Columns that a trigger fills, and that an insert may therefore leave out. */
type Filled = DirectorFilled;

/** The columns with the types of `With`, and what they may be besides, as they were. */
type Replace<Columns, With, Besides = undefined> = {
  [C in keyof Columns]: C extends keyof With ? With[C] | Extract<Columns[C], Besides> : Columns[C];
};

/** The columns with the narrower types of `With`, as optional and as nullable as they were. */
type NarrowColumns<Columns, With> = Replace<Columns, With, null | undefined>;

type MakeOptional<Columns, Names> = Omit<Columns, Names & keyof Columns> &
  Partial<Pick<Columns, Names & keyof Columns>>;

type NarrowTable<Table, With, Taken, Optional> = {
  [Part in keyof Table]: Part extends "Insert"
    ? MakeOptional<Replace<NarrowColumns<Table[Part], With>, Taken>, Optional>
    : Part extends "Update"
      ? Replace<NarrowColumns<Table[Part], With>, Taken>
      : Part extends "Row"
        ? NarrowColumns<Table[Part], With>
        : Table[Part];
};

type NarrowTables<Tables> = {
  [T in keyof Tables]: NarrowTable<
    Tables[T],
    T extends keyof Narrowed ? Narrowed[T] : unknown,
    T extends keyof Inputs ? Inputs[T] : unknown,
    T extends keyof Filled ? Filled[T] : never
  >;
};

type RowsOf<Table, Many> = Table extends { Row: infer Row }
  ? Many extends true
    ? Row[]
    : Row
  : never;

/** A function that returns rows of a table returns them as narrow as the table does. */
type NarrowReturns<Function, Tables, With> = Function extends {
  SetofOptions: { to: infer T extends keyof Tables; isSetofReturn: infer Many };
}
  ? RowsOf<Tables[T], Many>
  : Function extends { Returns: (infer Row)[] }
    ? Replace<Row, With extends { Row: infer Columns } ? Columns : unknown>[]
    : Function extends { Returns: infer Value }
      ? Value
      : never;

/** What is optional may be undefined, too: JSON leaves either out. */
type AllowUndefined<Args> = {
  [A in keyof Args]: object extends Pick<Args, A> ? Args[A] | undefined : Args[A];
};

type NarrowFunction<Function, Tables, With> = Omit<Function, "Args" | "Returns"> & {
  Args: Function extends { Args: infer Args }
    ? AllowUndefined<Replace<Args, With extends { Args: infer Columns } ? Columns : unknown>>
    : never;
  Returns: NarrowReturns<Function, Tables, With>;
};

type NarrowFunctions<Functions, Tables> = {
  [F in keyof Functions]: NarrowFunction<
    Functions[F],
    Tables,
    F extends keyof NarrowedFunctions ? NarrowedFunctions[F] : unknown
  >;
};

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

type Checked<Columns> = {
  [T in keyof Columns & string]: {
    [C in keyof Columns[T] & string as Columns[T][C] extends string | number
      ? `${T}.${C}`
      : never]: Columns[T][C];
  };
}[keyof Columns & string];

type Intersection<Union> = (Union extends unknown ? (each: Union) => void : never) extends (
  all: infer All,
) => void
  ? All
  : never;

type CheckedColumns = Intersection<Checked<AssistantColumns> | Checked<DirectorColumns>>;

/**
 * The values that a check allows a column: what an enum would be, of which this schema has none.
 *
 * @example
 * const role: Enums<"messages.role"> = "assistant";
 */
export type Enums<Column extends keyof CheckedColumns> = CheckedColumns[Column];
