import { beforeAll, expect, inject, test, vi } from "vitest";
import { supabaseCli } from "../../scripts/project/supabase-cli.ts";
import { PASSWORD } from "../support/actors.ts";
import { anonClient, asOwner } from "../support/clients.ts";
import { whileLimitsAre } from "../support/search-changes.ts";
import { hotQueries } from "./hot-queries.ts";

/** Indexes that no query uses, each with the reason why it stays. */
const unread: Record<string, string> = {
  maintenance_runs_pkey: "keeps ids unique; the log is read by task and time",
};

let queries: Awaited<ReturnType<typeof hotQueries>>;
/** What went wrong with the queries that did not use their index. */
const failures: Record<string, unknown> = {};

beforeAll(async () => {
  const client = anonClient();
  const { email, ...member } = inject("filledMember");
  const { error } = await client.auth.signInWithPassword({ email, password: PASSWORD });
  if (error) throw error;
  queries = await hotQueries({ ...member, email, client });
  await whileLimitsAre({ many: 5_000 }, asOwner(), async () => {
    for (const [index, query] of Object.entries(queries)) {
      await expectUse(index, query).catch((error) => {
        failures[index] = error;
      });
    }
  });
}, 300_000);

/**
 * Asks until the index is seen to be used: a session of a server reports that with its first
 * statement after a second.
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

test("every index has its query, or a reason why it has none", async () => {
  const indexes = await asOwner()`
    select indexrelname as name from pg_stat_user_indexes
    where schemaname in ('public', 'private')`;
  const known = [...Object.keys(queries), ...Object.keys(unread)];
  expect(known.sort()).toEqual(indexes.map(({ name }) => name).sort());
});

test("every index is used by its query, and those without are not used", async () => {
  expect(failures).toEqual({});
  for (const index of Object.keys(unread))
    expect([index, await scansOf(index)]).toEqual([index, 0]);
});

test("the advisors have nothing to say, not even that an index is unused", async () => {
  const args = ["db", "advisors", "--level=info", "--output-format=json"];
  const report = await supabaseCli(args, inject("stack").DB_URL);
  expect(JSON.parse(report).results).toEqual([]);
});
