import { readFile } from "node:fs/promises";
import { PGlite, type Transaction } from "pglite-with-pgvector-0.7";
import { vector as pgvector } from "pglite-with-pgvector-0.7/vector";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vectorAt } from "../../scripts/contract/integration/vectors.ts";

import { withLimits } from "../support/search-changes.ts";

/**
 * A database with pgvector 0.7, which has no iterative scans. Of the schema, it has only the two
 * migrations that create the search.
 */
let db: PGlite;

const ROWS = 2_400;

const platform = `
  create role anon; create role authenticated; create role service_role bypassrls;
  create schema extensions; create schema private; create schema auth;
  grant usage on schema public, private, extensions, auth to authenticated, service_role;
  create table auth.users (id uuid primary key);
  create function auth.uid() returns uuid language sql stable as
    $$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
  create function private.uuid_v7() returns uuid language sql as 'select gen_random_uuid()';`;

const ADA = "00000000-0000-4000-8000-000000000001";
const BEN = "00000000-0000-4000-8000-000000000002";
const CEM = "00000000-0000-4000-8000-000000000003";

beforeAll(async () => {
  db = new PGlite({ extensions: { vector: pgvector } });
  await db.exec(platform);
  for (const name of ["1100_create_embeddings_table", "1200_create_vector_search"]) {
    const file = `../../supabase/migrations/2026112100${name}.sql`;
    const migration = await readFile(new URL(file, import.meta.url), "utf8");
    const isSearch = name.endsWith("search");
    await db.exec(
      `begin; ${isSearch ? withLimits({ few: 500, many: 1_000 }, migration) : migration} commit;`,
    );
  }
  await db.query("insert into auth.users values ($1), ($2), ($3)", [ADA, BEN, CEM]);
  // The vectors lie on a half circle, sorted by their distance from its start. Of every eight, one
  // is Ben's, two are Cem's and five are Ada's.
  await db.query(
    `insert into public.embeddings (id, user_id, content, embedding, metadata)
     select lpad(i::text, 4, '0'),
       case when i % 8 = 0 then $2 when i % 8 < 3 then $3 else $1 end::uuid,
       'row ' || i,
       (array[cos(i * pi() / $4::int), sin(i * pi() / $4::int)]
         || array_fill(0::float8, array[1534]))::extensions.vector,
       '{"all": true}'
     from generate_series(0, $4::int - 1) i`,
    [ADA, BEN, CEM, ROWS],
  );
  await db.exec("analyze public.embeddings");
});

afterAll(() => db.close());

/** Returns how often this session has called each function that implements a search method. */
async function callsOf(tx: Transaction): Promise<Map<string, number>> {
  const { rows } = await tx.query<{ name: string; calls: number }>(
    `select funcname as name, calls::int from pg_stat_xact_user_functions
     where funcname ~ '_by_' order by 1`,
  );
  return new Map(rows.map(({ name, calls }) => [name, calls]));
}

/** Returns the ids that the search finds and the search methods that it calls. */
async function search(user: string) {
  return db.transaction(async (tx) => {
    await tx.exec(`set local track_functions = 'pl'; set local role authenticated;
      set local request.jwt.claim.sub = '${user}'`);
    const before = await callsOf(tx);
    const { rows: found } = await tx.query<{ id: string }>(
      "select id from public.match_embeddings($1, match_count => 5)",
      [JSON.stringify(vectorAt(1))],
    );
    const after = await callsOf(tx);
    const ways = [...after.keys()].filter((name) => after.get(name) !== before.get(name));
    return { found: found.map(({ id }) => id), ways };
  });
}

test("the engine has pgvector 0.7", async () => {
  const { rows } = await db.query<{ version: string }>(
    "select extversion as version from pg_extension where extname = 'vector'",
  );
  expect(rows[0]?.version).toMatch(/^0\.7\./);
});

test.each([
  ["few rows, compared one by one", BEN, ["0000", "0008", "0016", "0024", "0032"], []],
  [
    "more rows, by Hamming distance",
    CEM,
    ["0001", "0002", "0009", "0010", "0017"],
    ["_by_hamming"],
  ],
  ["many rows, by the HNSW index", ADA, ["0003", "0004", "0005", "0006", "0007"], ["_by_hnsw"]],
])("finds the true nearest among %s", async (_name, user, expected, ways) => {
  expect(await search(user)).toEqual({
    found: expected,
    ways: ways.map((way) => `nearest_embeddings${way}`),
  });
});
