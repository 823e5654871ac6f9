import { expect, test } from "vitest";
import { insertRow, type Row, type Table } from "./access.ts";
import { asOwner } from "./clients.ts";

export const CHECK = "23514";
export const UNIQUE = "23505";
export const FOREIGN_KEY = "23503";

/** A way to break one constraint: its SQLSTATE, and what differs from a valid row. */
export type Breakage = [
  table: Table,
  constraint: string,
  code: string,
  values: Row | (() => Promise<Row> | Row),
];

/**
 * Describes that each constraint refuses the row that breaks it, by name, and that every constraint
 * of the tables has such a case.
 *
 * @param validRow a row that every constraint accepts
 * @param unreachable constraints that something else always comes before, and what
 */
export function describeConstraints(
  validRow: (table: Table) => Row,
  cases: Breakage[],
  unreachable: Record<string, string> = {},
): void {
  test.each(cases)("%s: %s", async (table, constraint, code, values) => {
    const broken = typeof values === "function" ? await values() : values;
    const { error } = await insertRow(table, { ...validRow(table), ...broken });
    const named = expect.stringContaining(`"${constraint}"`);
    expect([error?.code, error?.message]).toEqual([code, named]);
  });

  test("every constraint has a case", async () => {
    const tables = [...new Set(cases.map(([table]) => `public.${table}`))];
    const constraints = await asOwner()<{ name: string }[]>`
      select conname as name from pg_constraint
      where conrelid = any (${tables}::regclass[]) and contype <> 'n'`;
    const named = new Set(cases.map(([, constraint]) => constraint));
    const known = [...named, ...Object.keys(unreachable)];
    expect(constraints.map(({ name }) => name).sort()).toEqual(known.sort());
  });
}
