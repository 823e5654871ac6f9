import { evaluate } from "../../scripts/contract/columns.ts";
import { columnsOf, tables } from "../../scripts/contract/index.ts";
import type { Fixtures, Owner, Row, TableName } from "../../scripts/contract/table.ts";
import type { ServiceInsert, Tables } from "../../src/index.ts";
import { asApi, serviceClient } from "./clients.ts";

/** Creates rows that the contract declares valid, as the service role. */

/** Returns the data of a result, or throws its error, because fixtures must not fail silently. */
export function must<T>({ data, error }: { data: T; error: Error | null }): NonNullable<T> {
  if (error) throw error;
  if (data === null || data === undefined) throw new Error("the fixture returned nothing");
  return data;
}

/**
 * Inserts a valid row as if its owner had, and a new parent for each reference that the values do
 * not set.
 *
 * @param owner the owner of the row; `null` for a public row
 * @param values column values that replace the contract's
 *
 * @example
 * const message = await createRow("messages", ada, { content: "Hello" });
 */
export async function createRow<T extends TableName>(
  table: T,
  owner: Owner | null,
  values: Partial<ServiceInsert<T>> = {},
): Promise<Tables<T>> {
  const row = { ...tables[table].onBehalf, ...(await validRow(table, owner, values as Row)) };
  return must(await insertRow(table, row)) as Tables<T>;
}

/** Returns a row that every constraint accepts. Inserts its parents, but not the row. */
export async function validRow(
  table: TableName,
  owner: Owner | null,
  values: Row = {},
): Promise<Row> {
  const { valid, parents = {} } = tables[table];
  const row: Row = { ...ownedBy(table, owner) };
  for (const [column, value] of Object.entries(valid)) row[column] = evaluate(value);
  for (const [column, parent] of Object.entries(parents)) {
    row[column] = values[column] ?? (await createRow(parent, owner)).id;
  }
  return { ...row, ...values };
}

/** Returns the columns that identify a row's owner. */
export function ownedBy(table: TableName, owner: Owner | null): Row {
  const { userIs, key } = tables[table];
  const user = userIs === "membership" ? owner?.id : owner?.account;
  return {
    ...("tenant_id" in columnsOf(table) && key !== "id" && { tenant_id: owner?.tenant_id }),
    ...(userIs && { user_id: owner === null ? null : user }),
  };
}

/** Inserts a row as the service role. Returns the result, which may be an error. */
export async function insertRow(table: TableName, row: Row) {
  return serviceClient()
    .from(table)
    .insert(row as never)
    .select()
    .single();
}

/** Returns the rows of a relation that match a filter, read as the service role. */
export const stored: Fixtures["stored"] = async (relation, filter) =>
  must(
    await serviceClient()
      .from(relation as TableName)
      .select()
      .match(filter),
  );

/** Creates the rows that the contract needs for views, functions and indexes. */
export const fixtures: Fixtures = {
  row: createRow,
  stored,
  remove: async (table, filter) => {
    await serviceClient().from(table).delete().match(filter).throwOnError();
  },
  tokenOf: async ({ id, tenant_id }) => {
    const [made] = await asApi()<{ token: string }[]>`
      select private.create_token(${tenant_id}, ${id}) as token`;
    return made?.token ?? "";
  },
  refresh: async (view) => {
    const sql = asApi();
    await sql`refresh materialized view concurrently ${sql(`public.${view}`)}`;
  },
};
