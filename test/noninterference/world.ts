import { readFileSync } from "node:fs";
import { tablesInOrder } from "../../scripts/contract/index.ts";
import { PASSWORD } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import type { Relation } from "./catalog.ts";
import { publicTextId, textIds } from "./ids.ts";
import { people } from "./people.ts";
import type { Row } from "./rows.ts";

const load = readFileSync(new URL("load.sql", import.meta.url), "utf8");
const accounts = readFileSync(new URL("accounts.sql", import.meta.url), "utf8");

/** Parents first. */
const tables: Row["table"][] = [
  "auth.users",
  ...tablesInOrder.map((table) => `public.${table}` as const),
];

/** Replaces all rows of all tenants with these. */
export async function enterWorld(rows: Row[]): Promise<void> {
  const parts = tables.flatMap((table) => {
    const values = rows.filter((row) => row.table === table).map((row) => row.values);
    const [first] = values;
    return first ? [{ table, columns: Object.keys(first).join(", "), rows: values }] : [];
  });
  await asOwner()
    .unsafe(setting("tables", tables.join()) + setting("rows", JSON.stringify(parts)) + load)
    .simple();
}

/** All rows of the tables, each with the name of its table. */
export type Snapshot = { table: string; row: Record<string, unknown> }[];

export async function takeSnapshot(relations: Relation[]): Promise<Snapshot> {
  const selects = relations
    .filter(({ isTable }) => isTable)
    .map(({ name }) => `select '${name}' as table, to_jsonb(t) as row from public.${name} t`);
  return asOwner().unsafe<Snapshot>(selects.join(" union all "));
}

/** Creates the accounts of the people who sign in, and of their colleague. */
export async function createAccounts(): Promise<void> {
  const settings = setting("people", JSON.stringify(people)) + setting("password", PASSWORD);
  await asOwner()
    .unsafe(settings + accounts)
    .simple();
}

/**
 * Throws when the database has rows that these tests did not make, because entering a world deletes
 * all rows.
 */
export async function assertNobodyElse(): Promise<void> {
  const [others] = await asOwner()`
    select
      (select count(*)::int from tenants where slug !~ '^test-noninterference') as tenants,
      (select count(*)::int from auth.users where email !~ '@noninterference.example$') as accounts,
      (select count(*)::int from embeddings where user_id is null and id not in ${asOwner()([textIds[0], publicTextId])})
        as documents`;
  if (Object.values(others ?? {}).every((count) => count === 0)) return;
  throw new Error(
    `this test deletes all rows, so run it on an empty database; found: ${JSON.stringify(others)}`,
  );
}

/** Deletes all rows, and the accounts of these tests. */
export async function removeWorld(): Promise<void> {
  await enterWorld([]);
  await asOwner()`delete from auth.users where email ~ '@noninterference.example$'`;
}

/** Returns a statement that sets a setting for the rest of a batch, which is one transaction. */
function setting(name: string, value: string): string {
  return `select set_config('noninterference.${name}', '${value.replaceAll("'", "''")}', true);\n`;
}
