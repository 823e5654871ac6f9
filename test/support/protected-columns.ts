import { describe, expect, test } from "vitest";
import type { Table } from "./access.ts";
import { asOwner, type Client } from "./clients.ts";

/** The columns of a table, as its owner in the API meets them. */
export interface Columns {
  /**
   * What nobody may change, not even in their own row: column, new value, and the SQLSTATE when it
   * is not that of a missing grant.
   */
  closed: [column: string, value: unknown, code?: string][];
  /** What the owner may change: the control of the above. */
  open: Record<string, unknown>;
  /** Somebody who may change the row, and the row. */
  own: () => Promise<{ client: Client; id: string }>;
}

/** Describes which columns of its own row an owner can change; each column must be named. */
export function describeProtectedColumns(tables: Partial<Record<Table, Columns>>): void {
  const entries = Object.entries(tables) as [Table, Columns][];
  describe.each(entries)("%s", (table, { closed, open, own }) => {
    test.each(closed)("its owner cannot change %s", async (column, value, code = "42501") => {
      const { client, id } = await own();
      const change = { [column]: value };
      const { error } = await client
        .from(table)
        .update(change as never)
        .eq("id", id);
      expect(error?.code).toBe(code);
    });

    test("its owner can change the other columns", async () => {
      const { client, id } = await own();
      const { data, error } = await client
        .from(table)
        .update(open as never)
        .eq("id", id)
        .select();
      expect(error).toBeNull();
      expect(data).toMatchObject([open]);
    });

    test("every column is either protected or open", async () => {
      const columns = await asOwner()<{ name: string }[]>`
        select column_name as name from information_schema.columns
        where table_schema = 'public' and table_name = ${table}`;
      const known = [...closed.map(([name]) => name), ...Object.keys(open)];
      expect(columns.map(({ name }) => name).sort()).toEqual(known.sort());
    });
  });
}
