/** Narrows the generated types by the values of checks and the shapes of columns. */
import type { checks } from "./checks.js";
import type { ColumnInputs, ColumnShapes, FilledColumns, FunctionShapes } from "./columns.js";

/** The columns of each table whose check lists the allowed values, with the union of the values. */
export type CheckedColumns = {
  -readonly [T in keyof typeof checks]: {
    -readonly [C in keyof (typeof checks)[T]]: (typeof checks)[T][C] extends readonly (infer Value)[]
      ? Value
      : never;
  };
};

/** The narrower column types of a table, from its checks and the shapes of its columns. */
type NarrowedTable<T> = (T extends keyof CheckedColumns ? CheckedColumns[T] : unknown) &
  (T extends keyof ColumnShapes ? ColumnShapes[T] : unknown);

/**
 * Replaces column types with those of `With`, and keeps the part of the old type in `Besides`.
 * Generated columns stay `never` in inserts and updates.
 */
type Replace<Columns, With, Besides = undefined> = {
  [C in keyof Columns]: C extends keyof With
    ? Exclude<Columns[C], undefined> extends never
      ? Columns[C]
      : With[C] | Extract<Columns[C], Besides>
    : Columns[C];
};

/** The columns with the narrower types of `With`, still optional and nullable where they were. */
type NarrowColumns<Columns, With> = Replace<Columns, With, null | undefined>;

/** The same columns, of which those in `Names` may be left out. */
type MakeOptional<Columns, Names> = Omit<Columns, Names & keyof Columns> &
  Partial<Pick<Columns, Names & keyof Columns>>;

/**
 * The same columns as one object type. It has no name of its own (`infer` sees to that), so that
 * errors of the compiler show the columns, and not how the type was made.
 */
type Plain<Columns> = Columns extends infer C ? { [Name in keyof C]: C[Name] } : never;

type NarrowTable<Table, With, Taken, Optional> = {
  [Part in keyof Table]: Part extends "Insert"
    ? Plain<MakeOptional<Replace<NarrowColumns<Table[Part], With>, Taken>, Optional>>
    : Part extends "Update"
      ? Plain<Replace<NarrowColumns<Table[Part], With>, Taken>>
      : Part extends "Row"
        ? Plain<NarrowColumns<Table[Part], With>>
        : Table[Part];
};

export type NarrowTables<Tables> = {
  [T in keyof Tables]: NarrowTable<
    Tables[T],
    NarrowedTable<T>,
    T extends keyof ColumnInputs ? ColumnInputs[T] : unknown,
    T extends keyof FilledColumns ? FilledColumns[T] : never
  >;
};

type RowsOf<Table, Many> = Table extends { Row: infer Row }
  ? Many extends true
    ? Row[]
    : Row
  : never;

/** A function that returns rows of a table returns them as narrow as the table. */
type NarrowReturns<Function, Tables, With> = Function extends {
  SetofOptions: { to: infer T extends keyof Tables; isSetofReturn: infer Many };
}
  ? RowsOf<Tables[T], Many>
  : Function extends { Returns: (infer Row)[] }
    ? Plain<Replace<Row, With extends { Row: infer Columns } ? Columns : unknown>>[]
    : Function extends { Returns: infer Value }
      ? Value
      : never;

/** Optional arguments may also be undefined, because JSON omits undefined values. */
type AllowUndefined<Args> = {
  [A in keyof Args]: object extends Pick<Args, A> ? Args[A] | undefined : Args[A];
};

type NarrowFunction<Function, Tables, With> = Omit<Function, "Args" | "Returns"> & {
  Args: Function extends { Args: infer Args }
    ? AllowUndefined<Replace<Args, With extends { Args: infer Columns } ? Columns : unknown>>
    : never;
  Returns: NarrowReturns<Function, Tables, With>;
};

export type NarrowFunctions<Functions, Tables> = {
  [F in keyof Functions]: NarrowFunction<
    Functions[F],
    Tables,
    F extends keyof FunctionShapes ? FunctionShapes[F] : unknown
  >;
};
