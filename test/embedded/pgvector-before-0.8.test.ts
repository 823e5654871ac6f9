import { readFile } from "node:fs/promises";
import { PGlite } from "pglite-with-pgvector-0.7";
import { vector as pgvector } from "pglite-with-pgvector-0.7/vector";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vectorAt } from "../support/integration.ts";

/**
 * The search on a database whose pgvector has no iterative scans: an engine with pgvector 0.7, and
 * of the schema no more than the two migrations that make the search.
 */
let db: PGlite;

/** Up to how many rows with a filter the search compares one by one here; enough are more. */
const FEW = 1_000;
const ROWS = 2_400;

const platform = `
  create role anon; create role authenticated; create role service_role bypassrls;
  create schema extensions; create schema private; create schema auth;
  grant usage on schema public, extensions, auth to authenticated, service_role;
  create table auth.users (id uuid primary key);
  create function auth.uid() returns uuid language sql stable as
    $$ select nullif(current_setting('request.jwt.claim.sub', true), '')::uuid $$;
  create function private.uuid_v7() returns uuid language sql as 'select gen_random_uuid()';`;

const ADA = "00000000-0000-4000-8000-000000000001";
const BEN = "00000000-0000-4000-8000-000000000002";

beforeAll(async () => {
  db = new PGlite({ extensions: { vector: pgvector } });
  await db.exec(platform);
  for (const name of ["1100_create_embeddings_table", "1200_create_vector_search"]) {
    const file = `../../supabase/migrations/2026112100${name}.sql`;
    const migration = await readFile(new URL(file, import.meta.url), "utf8");
    const smaller = migration.replace("then 20000 else 5000 end", `then 20000 else ${FEW} end`);
    await db.exec(`begin; ${smaller} commit;`);
  }
  await db.query("insert into auth.users values ($1), ($2)", [ADA, BEN]);
  // On half a circle, in the order of their nearness to its start; every third is Ben's.
  await db.query(
    `insert into public.embeddings (id, user_id, content, embedding, metadata)
     select lpad(i::text, 4, '0'), case when i % 3 = 0 then $2 else $1 end::uuid, 'row ' || i,
       (array[cos(i * pi() / $3::int), sin(i * pi() / $3::int)]
         || array_fill(0::float8, array[1534]))::extensions.vector,
       '{"all": true}'
     from generate_series(0, $3::int - 1) i`,
    [ADA, BEN, ROWS],
  );
});

afterAll(() => db.close());

async function search(user: string, filter: object) {
  return db.transaction(async (tx) => {
    await tx.exec(`set local role authenticated; set local request.jwt.claim.sub = '${user}'`);
    const { rows } = await tx.query<{ id: string; by_index: boolean }>(
      "select id from public.match_embeddings($1, match_count => 5, filter => $2)",
      [JSON.stringify(vectorAt(1)), filter],
    );
    return rows.map(({ id }) => id);
  });
}

test("the engine has pgvector 0.7", async () => {
  const { rows } = await db.query<{ version: string }>(
    "select extversion as version from pg_extension where extname = 'vector'",
  );
  expect(rows[0]?.version).toMatch(/^0\.7\./);
});

test.each([
  ["few rows, compared one by one", BEN, {}, ["0000", "0003", "0006", "0009", "0012"]],
  ["many rows, by the index", ADA, { all: true }, ["0001", "0002", "0004", "0005", "0007"]],
])("finds the true nearest among %s", async (_name, user, filter, expected) => {
  expect(await search(user, filter)).toEqual(expected);
});
