import type { Sql } from "postgres";
import { evaluate } from "../../scripts/contract/columns.ts";
import { columnsOf, tables, tablesInOrder } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";

/** The number of rows per member in a table that `fill.sql` leaves empty. */
const ROWS = 10;

/** Fills the contract's tables that are still empty with valid rows for every member. */
export async function fillRest(sql: Sql): Promise<void> {
  for (const table of tablesInOrder) {
    const [filled] = await sql`select from ${sql(`public.${table}`)} limit 1`;
    if (!filled) await fill(sql, table);
  }
}

async function fill(sql: Sql, table: TableName) {
  const { parents = {}, valid, userIs } = tables[table];
  const columns = columnsOf(table);
  const values: Record<string, string> = {};
  if ("tenant_id" in columns) values.tenant_id = "u.tenant_id";
  if (userIs) values.user_id = userOf(table);
  const joins = Object.entries(parents).map(([column, parent]) => {
    values[column] = `${column}_row.id`;
    return `cross join lateral (
      select p.id from public.${parent} p where ${sameOwner(parent)} order by p.id
      offset (n - 1) % 3 limit 1) ${column}_row`;
  });
  const literals = Object.entries(valid).map(([column, value]) => {
    const text = evaluate(value);
    return [column, typeof text === "object" ? JSON.stringify(text) : String(text)] as const;
  });
  literals.forEach(([column], i) => {
    values[column] = `$${i + 1}`;
  });
  await sql.unsafe(
    `insert into public.${table} (${Object.keys(values)})
     select ${Object.values(values)} from public.users u
     cross join generate_series(1, ${ROWS}) n ${joins.join("\n")}
     where u.auth_id is not null
     on conflict do nothing`,
    literals.map(([, text]) => text),
  );
}

/** Returns the column of the member `u` that owns the table's rows. */
const userOf = (table: TableName) => (tables[table].userIs === "membership" ? "u.id" : "u.auth_id");

function sameOwner(table: TableName): string {
  const { userIs } = tables[table];
  return [
    ...("tenant_id" in columnsOf(table) ? ["p.tenant_id = u.tenant_id"] : []),
    ...(userIs ? [`p.user_id = ${userOf(table)}`] : []),
  ].join(" and ");
}
