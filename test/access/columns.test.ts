// Tests which columns the owner of a row can change.
import { beforeAll, describe, expect, test } from "vitest";
import { reaches, signedInCallers } from "../../scripts/contract/callers.ts";
import { evaluate } from "../../scripts/contract/columns.ts";
import { columnsOf, tableNames, tables, writableColumns } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
});

/**
 * Updates a row that belongs to Ada. She is a tenant owner, the role with all rights that a
 * signed-in caller can have on their own rows.
 */
async function update(table: TableName, change: Record<string, unknown>) {
  const { rowOfMember } = tables[table];
  const id = rowOfMember ? ada[rowOfMember] : (await createRow(table, ada)).id;
  return ada.client
    .from(table)
    .update(change as never)
    .eq("id", id)
    .select();
}

describe.each(tableNames)("%s", (table) => {
  const columns = Object.entries(columnsOf(table));
  const refused = columns
    .filter(([, column]) => !column.update || column.refusal)
    .map(([name, { other, refusal = "42501" }]) => [name, refusal, other] as const);

  test.each(refused)(`${table}: its owner cannot change %s (%s)`, async (name, code, other) => {
    const { error } = await update(table, { [name]: evaluate(other) });
    expect(error?.code).toBe(code);
  });

  if (writableColumns(table, "update").length > 0) {
    test(`${table}: its owner can change the other columns`, async () => {
      const open = columns.filter(([, column]) => column.update && !column.refusal);
      const change = Object.fromEntries(open.map(([name, { other }]) => [name, evaluate(other)]));
      const { data, error } = await update(table, change);
      expect(error).toBeNull();
      expect(data).toMatchObject([change]);
    });
  }

  test(`${table}: the contract names every column`, async () => {
    const found = await asOwner()<{ name: string }[]>`
      select column_name as name from information_schema.columns
      where table_schema = 'public' and table_name = ${table}`;
    expect(found.map(({ name }) => name).sort()).toEqual(columns.map(([name]) => name).sort());
  });

  test.each(["insert", "update"] as const)(
    `${table}: signed-in callers can %s exactly when a column is writable`,
    (verb) => {
      expect(writableColumns(table, verb).length > 0).toBe(
        reaches(signedInCallers, tables[table].access[verb]),
      );
    },
  );
});

test.each(["insert", "update"] as const)(
  "signed-in callers can %s exactly the columns in the contract",
  async (verb) => {
    const granted = await asOwner()<{ name: string }[]>`
    select format('%s.%s', c.relname, a.attname) as name
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
      and a.attnum > 0 and not a.attisdropped
      and has_column_privilege('authenticated', c.oid, a.attnum, ${verb})`;
    const listed = tableNames.flatMap((table) =>
      writableColumns(table, verb).map((column) => `${table}.${column}`),
    );
    expect(granted.map(({ name }) => name).sort()).toEqual(listed.sort());
  },
);
