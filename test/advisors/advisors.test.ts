import { beforeAll, expect, inject, test, vi } from "vitest";
import { keepsHouseStyle, privateTables, tables, views } from "../../scripts/contract/index.ts";
import type { Asking, HotQuery, Owner, Row, TableName } from "../../scripts/contract/table.ts";
import { readReport } from "../../scripts/operations/report/collect.ts";
import { supabaseCli } from "../../scripts/project/supabase-cli.ts";
import { PASSWORD, signUp } from "../support/actors.ts";
import { anonClient, asOwner, type Client, serviceClient } from "../support/clients.ts";
import { fixtures, must, ownedBy } from "../support/rows.ts";
import { whileLimitsAre } from "../support/search-changes.ts";

/** The query that each index serves, or the reason why it has none. */
const indexes = Object.assign(
  {},
  ...[tables, views, privateTables].flatMap((contracts) =>
    Object.values(contracts).map((contract) => contract.indexes ?? {}),
  ),
) as Record<string, HotQuery | string>;
const queries = Object.entries(indexes).flatMap(([index, query]) =>
  typeof query === "function" ? [{ index, query }] : [],
);
/** Indexes that no query uses. */
const unread = Object.keys(indexes).filter((index) => typeof indexes[index] === "string");

/** The errors of the queries that did not use their index. */
const failures: Record<string, unknown> = {};

beforeAll(async () => {
  const client = anonClient();
  const member = inject("filledMember");
  const { error } = await client.auth.signInWithPassword({
    email: member.email,
    password: PASSWORD,
  });
  if (error) throw error;
  const asking: Asking = {
    member,
    client,
    backend: serviceClient(),
    sql: asOwner(),
    idOf: (table, filter) => idOf(client, member, table, filter),
    fixtures,
    report: () => readReport(inject("stack").DB_URL),
    signUp,
  };
  await whileLimitsAre({ many: 5_000 }, asOwner(), async () => {
    for (const { index, query } of queries) {
      await expectUse(index, () => query(asking)).catch((error) => {
        failures[index] = error;
      });
    }
  });
}, 300_000);

/** Returns the id of a row that the client can read: the member's own, if rows have owners. */
async function idOf(client: Client, member: Owner, table: TableName, filter: Row = {}) {
  const own = { ...ownedBy(table, member), ...filter };
  return must(await client.from(table).select("id").match(own).limit(1).single()).id;
}

/**
 * Repeats the query until the statistics show that it uses the index. A server session reports its
 * statistics only with the first statement after one second.
 */
async function expectUse(index: string, query: () => PromiseLike<unknown>): Promise<void> {
  const before = await scansOf(index);
  await vi.waitFor(
    async () => {
      const { error } = { error: null, ...((await query()) as object) };
      if (error) throw error;
      expect(await scansOf(index)).toBeGreaterThan(before);
    },
    { timeout: 5_000 },
  );
}

async function scansOf(index: string): Promise<number> {
  const sql = asOwner();
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql`
    select idx_scan from pg_stat_user_indexes
    where schemaname in ('public', 'private') and indexrelname = ${index}`;
  return Number(row?.idx_scan);
}

test("every index has a query in the contract, or a reason why it has none", async () => {
  const all = await asOwner()`
    select indexrelname as name, relname from pg_stat_user_indexes
    where schemaname in ('public', 'private')`;
  const found = all.filter(({ name, relname }) => name in indexes || keepsHouseStyle(relname));
  expect(Object.keys(indexes).sort()).toEqual(found.map(({ name }) => name).sort());
});

test("every index with a query is used by it, and every other index is unused", async () => {
  expect(failures).toEqual({});
  for (const index of unread) expect([index, await scansOf(index)]).toEqual([index, 0]);
});

test("the advisors report nothing, not even an unused index", async () => {
  const args = ["db", "advisors", "--level=info", "--output-format=json"];
  const report = await supabaseCli(args, inject("stack").DB_URL);
  expect(JSON.parse(report).results).toEqual([]);
});
