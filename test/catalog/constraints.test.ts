// Every constraint refuses a row that violates it, and the error names the constraint. The rows
// that violate a key are derived from the catalog. Those that violate a check are in the contract.
import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { evaluate, limitOf } from "../../scripts/contract/columns.ts";
import { privateTables, tableNames, tables } from "../../scripts/contract/index.ts";
import type { Member, Row, TableName } from "../../scripts/contract/table.ts";
import { createMember, createTenant } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow, insertRow, stored, validRow } from "../support/rows.ts";
import { whatIf } from "../support/what-if.ts";

const CHECK = "23514";
const UNIQUE = "23505";
const FOREIGN_KEY = "23503";

interface Constraint {
  table: string;
  name: string;
  type: "c" | "f" | "p" | "u";
  /** In the order of a foreign key's target. A generated column appears as its source column. */
  columns: string[];
  /** The table that a foreign key refers to. */
  target: string | null;
}

const constraints = await asOwner()<Constraint[]>`
  select
    t.relname as table, c.conname as name, c.contype as type, r.relname as target,
    array(
      select coalesce(
        (
          select source.attname
          from pg_depend d
          join pg_attrdef g on g.oid = d.objid
          join pg_attribute source on source.attrelid = a.attrelid and source.attnum = d.refobjsubid
          where d.classid = 'pg_attrdef'::regclass and d.refobjid = a.attrelid
            and g.adrelid = a.attrelid and g.adnum = a.attnum and a.attgenerated <> ''
            and d.refobjsubid <> a.attnum
          limit 1
        ),
        a.attname
      )::text
      from unnest(c.conkey) with ordinality k (attnum, n)
      join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
      order by k.n
    ) as columns
  from pg_constraint c
  join pg_class t on t.oid = c.conrelid
  left join pg_class r on r.oid = c.confrelid
  where c.connamespace = 'public'::regnamespace and c.contype in ('c', 'f', 'p', 'u')
  order by t.relname, c.conname`;

let ada: Member;
let stranger: Member;

beforeAll(async () => {
  [ada, stranger] = await Promise.all([
    createMember(await createTenant()),
    createMember(await createTenant()),
  ]);
});

const ofType = (...types: string[]) =>
  constraints
    .filter(({ type }) => types.includes(type))
    .map((constraint) => ({ ...constraint, table: constraint.table as TableName }));

async function expectRefusal(table: TableName, row: Row, code: string, constraint: string) {
  const { error } = await insertRow(table, row);
  const named = expect.stringContaining(`"${constraint}"`);
  expect([error?.code, error?.message]).toEqual([code, named]);
}

describe("a duplicate key is refused:", () => {
  test.each(ofType("p", "u"))("$table: $name", async ({ table, name, columns }) => {
    const taken = await takenRow(table);
    const fresh = await validRow(table, ada);
    const key = Object.fromEntries(columns.map((column) => [column, taken[column]]));
    expect(Object.values(key)).not.toContain(null);
    await expectRefusal(table, { ...fresh, ...key }, UNIQUE, name);
    expect((await insertRow(table, fresh)).error).toBeNull();
  });

  const withPublicRows = tableNames.filter((table) => tables[table].keyColumn);
  test.each(withPublicRows)("%s: also for a public row", async (table) => {
    const { id } = await createRow(table, null);
    const row = { ...(await validRow(table, null)), id };
    await expectRefusal(table, row, UNIQUE, `${table}_pkey`);
  });

  /** Returns a stored row. In a table with a row per member, it is Ada's, which has an account. */
  async function takenRow(table: TableName): Promise<Row> {
    const { rowOfMember } = tables[table];
    if (!rowOfMember) return createRow(table, ada);
    const [row] = await stored(table, { id: ada[rowOfMember] });
    return row ?? {};
  }
});

describe("a foreign key must refer to a row of the same owner:", () => {
  const reachable = ofType("f").filter(({ table, name }) => !tables[table].precededBy?.[name]);

  test.each(reachable)("$table: $name", async ({ table, name, columns }) => {
    const column = referringColumn(table, columns);
    const row = await validRow(table, ada);
    await expectRefusal(table, { ...row, [column]: randomUUID() }, FOREIGN_KEY, name);
    expect((await insertRow(table, row)).error).toBeNull();
  });

  const toIsolated = reachable.filter(
    ({ columns, target }) => columns.length > 1 && target && target in tables,
  );
  test.each(toIsolated)("$table: $name refuses another owner's row", async (constraint) => {
    const { table, name, columns, target } = constraint;
    const theirs =
      target === "users" ? stranger.id : (await createRow(target as TableName, stranger)).id;
    const row = { ...(await validRow(table, ada)), [referringColumn(table, columns)]: theirs };
    await expectRefusal(table, row, FOREIGN_KEY, name);
  });

  test("each name in a contract row's precededBy is a foreign key", () => {
    const named = tableNames.flatMap((table) => Object.keys(tables[table].precededBy ?? {}));
    const known = ofType("f").map(({ name }) => name);
    expect(known).toEqual(expect.arrayContaining(named));
  });

  /** Returns the column that refers to the target, without the keys that both tables share. */
  function referringColumn(table: TableName, columns: string[]): string {
    const keys = new Set([tables[table].key, "tenant_id"]);
    return columns.find((column) => !keys.has(column as "id")) ?? (columns[0] as string);
  }
});

describe("a check refuses:", () => {
  const cases = tableNames.flatMap((table) =>
    Object.entries(tables[table].refused).flatMap(([name, rows]) =>
      rows.map((values) => ({ table, name, values })),
    ),
  );

  test.each(cases)("$table: $name", async ({ table, name, values }) => {
    await expectRefusal(table, await validRow(table, ada, values), CHECK, name);
  });

  const maxima = tableNames.flatMap((table) =>
    Object.entries(tables[table].columns).flatMap(([column, { other, atMost }]) =>
      atMost ? [{ table, column, ...limitOf(table, column, evaluate(other), atMost) }] : [],
    ),
  );

  test.each(maxima)("$table: $check", async ({ table, column, check, highest, above }) => {
    const row = await validRow(table, ada);
    await expectRefusal(table, { ...row, [column]: above }, CHECK, check);
    expect((await insertRow(table, { ...row, [column]: highest })).error).toBeNull();
  });

  test("every text, JSON value and array has a maximum, unless a check lists its values", async () => {
    const unlimited = asOwner()<{ name: string }[]>`
      select format('%s.%s', a.attrelid::regclass, a.attname) as name
      from pg_attribute a
      join pg_class t on t.oid = a.attrelid and t.relkind = 'r'
      join pg_type y on y.oid = a.atttypid
      where t.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = '' and (y.typcategory in ('S', 'A') or y.typname in ('json', 'jsonb'))
        and not exists (
          select from pg_constraint c
          where c.conrelid = t.oid and c.contype = 'c' and c.conkey = array[a.attnum]
            and pg_get_constraintdef(c.oid) ~ '(= ANY|<= [0-9]+[)])'
        )`;
    expect((await unlimited).map(({ name }) => name)).toEqual([]);
  });

  test("the contract rows give a refused row for every check constraint of a public table", () => {
    const known = [
      ...tableNames.flatMap((table) => Object.keys(tables[table].refused)),
      ...maxima.map(({ check }) => check),
    ];
    expect(
      ofType("c")
        .map(({ name }) => name)
        .sort(),
    ).toEqual(known.sort());
  });

  const limits = tableNames.flatMap((table) =>
    [{}, ...(tables[table].accepted ?? [])].map((values) => ({ table, values })),
  );
  test.each(limits)("but accepts a valid row of $table with $values", async ({ table, values }) => {
    expect((await insertRow(table, await validRow(table, ada, values))).error).toBeNull();
  });
});

describe("a check of a private table refuses:", () => {
  const insert = (table: string, row: Row) =>
    whatIf((sql) => sql`insert into ${sql(`private.${table}`)} ${sql(row as never)}`);
  const cases = Object.entries(privateTables).flatMap(([table, { valid, refused }]) =>
    Object.entries(refused).flatMap(([name, rows]) =>
      rows.map((values) => ({ table, name, valid, values })),
    ),
  );

  test.each(cases)("$table: $name", async ({ table, name, valid, values }) => {
    if (valid) await insert(table, valid);
    await expect(insert(table, { ...valid, ...values })).rejects.toMatchObject({
      code: CHECK,
      constraint_name: name,
    });
  });

  test("the contract rows give a refused row for every check constraint of a private table", async () => {
    const checks = await asOwner()<{ name: string }[]>`
      select conname as name from pg_constraint
      where connamespace = 'private'::regnamespace and contype = 'c'`;
    const known = cases.map(({ name }) => name);
    expect(checks.map(({ name }) => name).sort()).toEqual([...new Set(known)].sort());
  });
});
