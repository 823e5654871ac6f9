import { randomUUID } from "node:crypto";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type StackEnvironment, startTemporaryStack } from "../../scripts/stack/stack.ts";
import { type JsonObject, searchDocuments } from "../../src/index.ts";
import { PASSWORD } from "../support/actors.ts";
import { type Client, createStackClient } from "../support/clients.ts";
import { whileChanged, whileLimitsAre } from "../support/search-changes.ts";

const ROWS = 11_000;
const QUERIES = 12;
const K = 10;

/**
 * Owners by their share of the rows, each with the range of topics of its rows. The owner of half
 * of the rows has half of the topics for itself, and no rows in the other topics. So the rows near
 * a query in the other topics belong to other owners.
 */
const owners = [
  { name: "0.1 %", from: 0, to: 11, topics: [0, 20] },
  { name: "1 %", from: 11, to: 121, topics: [0, 20] },
  { name: "10 %", from: 121, to: 1_221, topics: [0, 20] },
  { name: "50 %", from: 1_221, to: 6_721, topics: [20, 40] },
  { name: "others", from: 6_721, to: ROWS, topics: [0, 20] },
] as const;

const filters: [name: string, filter: JsonObject][] = [
  ["no filter", {}],
  ["a filter that all rows pass", { all: true }],
  ["a filter that half of the rows pass", { half: true }],
  ["a filter that one row in a hundred passes", { percent: 7 }],
];

/** Up to this number of qualifying rows, the search compares all of them exactly. */
const EXACT_UP_TO = 2_000;

/** The caller of a search: an account, or the backend, whose account is null. */
interface Owner {
  client: Client;
  account: string | null;
}

let sql: postgres.Sql;
let close = async () => {};
const clients = new Map<string, Owner>();
let newOwner: () => Promise<{ client: Client; account: string }>;
let queries: number[][];

/**
 * Starts a separate stack in this process, because building an index of this many rows would block
 * the other files. If the environment names a stack (on a server), returns that one.
 */
async function ownStack(): Promise<StackEnvironment> {
  if (process.env.SUPABASE_URL) return inject("stack");
  const stack = await startTemporaryStack();
  close = () => stack.close();
  return stack.environment;
}

beforeAll(async () => {
  const stack = await ownStack();
  sql = postgres(stack.DB_URL, { max: 1, onnotice: () => {} });
  newOwner = async () => {
    const client = createStackClient(stack.API_URL, stack.PUBLISHABLE_KEY);
    const email = `${randomUUID()}@test.example`;
    const { data } = await client.auth.signUp({ email, password: PASSWORD });
    return { client, account: data.user?.id ?? expect.fail() };
  };
  for (const { name } of owners) clients.set(name, await newOwner());
  const service = createStackClient(stack.API_URL, stack.SECRET_KEY);
  clients.set("100 %", { client: service, account: null });
  await loadEmbeddings();
  queries = (
    await sql<{ embedding: string }[]>`
      select (t.v operator(extensions.+) n.v)::text as embedding
      from generate_series(1, ${QUERIES}::int) q
      join recall_vectors t on t.i = q * 40 / ${QUERIES}::int
      join recall_vectors n on n.i = 41 + q * 17`
  ).map(({ embedding }) => JSON.parse(embedding));
}, 240_000);

afterAll(async () => {
  await sql.end();
  await close();
});

/**
 * Inserts rows in 40 topics. Each vector is the sum of its topic's vector and of two of 260 other
 * vectors. The index is built afterwards, with the definition of the migration.
 */
async function loadEmbeddings() {
  await sql`select setseed(0.5)`;
  await sql`
    create temporary table recall_vectors as
    select i, array_agg((random() - 0.5) * case when i <= 40 then 1.5 else 1 end)
      ::extensions.vector as v
    from generate_series(1, 300) i, generate_series(1, 1536)
    group by i`;
  const [index] =
    await sql`select pg_get_indexdef('public.idx_embeddings_vector'::regclass) as sql`;
  await sql`drop index public.idx_embeddings_vector`;
  for (const { name, from, to, topics } of owners) {
    await sql`
      insert into public.embeddings (user_id, content, embedding, metadata)
      select ${clients.get(name)?.account ?? null}::uuid, 'row ' || r,
        t.v operator(extensions.+) a.v operator(extensions.+) b.v,
        jsonb_build_object('all', true, 'half', r % 2 = 0, 'percent', r % 100,
          'early', r < ${from + 3_000}::int)
      from generate_series(${from}::int, ${to - 1}::int) r
      join recall_vectors t on t.i = 1 + ${topics[0]}::int + r % ${topics[1] - topics[0]}::int
      join recall_vectors a on a.i = 41 + r * 7 % 130
      join recall_vectors b on b.i = 171 + r * 11 % 129`;
  }
  await sql`set maintenance_work_mem = '256MB'`;
  await sql.unsafe(index?.sql);
  await sql`analyze public.embeddings`;
}

describe.each(["0.1 %", "1 %", "10 %", "50 %", "100 %"])("an owner of %s of the rows", (name) => {
  test.each(filters)("finds the true nearest rows with %s", async (_name, filter) => {
    const { recall, qualifying } = await recallOf(name, filter);
    expect(recall).toBeGreaterThanOrEqual(qualifying <= EXACT_UP_TO ? 1 : 0.99);
  });
});

test("an owner's few rows near other owners' rows do not hide the owner's other rows", async () => {
  const { client, account } = clients.get("50 %") ?? expect.fail();
  // The topic belongs to others, and more of their rows are near than a scan of the index returns.
  const rows = await sql<{ id: string; embedding: string }[]>`
    insert into public.embeddings (user_id, content, embedding, metadata)
    select ${account}, 'outlier', t.v operator(extensions.+) a.v, '{"all": true}'
    from recall_vectors t join recall_vectors a on a.i between 41 and 43
    where t.i = 1
    returning id, embedding::text`;
  const query = JSON.parse(rows[0]?.embedding ?? "[]");
  const found = await searchDocuments(client, query, { count: K, filter: { all: true } });
  expect(found.map(({ id }) => id)).toEqual(await nearest(query, account, { all: true }));
  expect(found.map(({ id }) => id)).toEqual(expect.arrayContaining(rows.map(({ id }) => id)));
  expect(found).toHaveLength(K);
});

test("a search finds the nearest rows when only the first rows pass the filter", async () => {
  const { recall, qualifying } = await recallOf("50 %", { early: true });
  expect([recall, qualifying]).toEqual([1, 3_000]);
});

describe("a search by Hamming distance alone", () => {
  const bySigns: Search = ({ account }, query, { count, filter }) => sql<{ id: string }[]>`
    select id from private.nearest_embeddings_by_hamming(
      ${JSON.stringify(query)}, ${count}, ${sql.json(filter)}, array[${account}]::uuid[]
    )`;

  test.each(filters.slice(0, 3))("finds the true nearest rows with %s", async (_name, filter) => {
    const { recall, qualifying } = await recallOf("10 %", filter, K, bySigns);
    expect(qualifying).toBeGreaterThanOrEqual(K);
    expect(recall).toBeGreaterThanOrEqual(0.99);
  });

  test("a search by Hamming distance alone finds no rows if few of the candidates pass the filter", async () => {
    const owner = clients.get("10 %") ?? expect.fail();
    const [query = [], filter] = [queries[0], { percent: 7 }];
    expect(await nearest(query, owner.account, filter)).toHaveLength(K);
    expect(await bySigns(owner, query, { count: K, filter })).toHaveLength(0);
  });
});

/** SQL for the number at position i of the vector of row r. */
test.each([
  ["all alike", "abs((random() - 0.5)::real)"],
  ["opposite to those of the query", "-abs((random() - 0.5)::real)"],
  [
    "more alike the fewer words a text has",
    "case when i % (1 + 40 * (r % 2)) <= r % 2 then 1.0 + i % 3 + random() else 0 end",
  ],
  ["random", "(random() - 0.5)::real"],
])(
  "a search finds the nearest rows when the signs of the vectors are %s",
  async (_name, number) => {
    const { client, account } = await newOwner();
    const rows = 600;
    await sql`
    insert into public.embeddings (user_id, content, embedding)
    select ${account}, 'row ' || r, array_agg(${sql.unsafe(number)} order by i)
    from generate_series(1, ${rows}::int) r, generate_series(1, 1536) i
    group by r`;
    const query = Array.from({ length: 1536 }, (_, i) => (i % 5 === 0 ? 1 + (i % 3) : 0));
    await whileLimitsAre({ few: 500 }, sql, async () => {
      for (const count of [1, K, 1000]) {
        const found = await searchDocuments(client, query, { count });
        expect(found).toHaveLength(Math.min(count, rows));
        expect(found.map(({ id }) => id)).toEqual(await nearest(query, account, {}, count));
      }
    });
  },
);

test("the planner estimates how many rows an owner has, and how many pass a filter", async () => {
  const { account } = clients.get("10 %") ?? expect.fail();
  const [expected] = await sql`
    select * from private.estimate_embeddings('{"half": true}', array[${account}]::uuid[])`;
  expect(expected?.of_owners / 1_100).toBeCloseTo(1, 0);
  expect(expected?.qualifying / 550).toBeCloseTo(1, 0);
});

test("a search of fewer rows than the minimum for the index does not scan it", async () => {
  expect(await searchesByIndex({ all: true })).toBe(false);
});

describe("with enough rows for the index", () => {
  const whileLower = (work: () => Promise<void>) => whileLimitsAre({ many: 5_000 }, sql, work);

  test.each([
    ["an owner of half of the rows", "50 %", K],
    ["the backend", "100 %", K],
    ["the backend, with the largest count that uses the index,", "100 %", 100],
  ])("%s finds the true nearest rows", async (_name, owner, count) => {
    await whileLower(async () => {
      for (const [, filter] of filters) {
        expect((await recallOf(owner, filter, count)).recall).toBeGreaterThanOrEqual(0.99);
      }
    });
  });

  test.each([
    ["the five nearest rows", "limit 100", "offset 5 limit 100"],
    [
      "all rows except the farthest",
      "<=>) p_query\n            limit",
      "<=>) p_query desc\n            limit",
    ],
  ])("%s are found, although the index has no link to them", async (_name, before, after) => {
    const loseThem = (definition: string) => {
      expect(definition).toContain(before);
      return definition.replace(before, after);
    };
    await whileLower(() =>
      whileChanged("private.nearest_embeddings_by_hnsw", loseThem, sql, async () => {
        for (const filter of [{}, { all: true }]) {
          expect((await recallOf("100 %", filter)).recall).toBe(1);
          expect((await recallOf("50 %", filter)).recall).toBe(1);
        }
      }),
    );
  });

  test.each([
    ["scans it when many rows qualify", { all: true }, true],
    ["does not scan it when few rows qualify", { percent: 7 }, false],
  ])("a search %s, and restores the settings", async (_name, filter, isByIndex) => {
    await whileLower(async () => {
      expect(await searchesByIndex(filter)).toBe(isByIndex);
    });
  });
});

/** Returns whether a search of all rows scans the index. Checks that it restores the setting. */
async function searchesByIndex(filter: JsonObject): Promise<boolean> {
  return sql.begin(async (transaction) => {
    await transaction`set local hnsw.ef_search = 77`;
    const scans = async () => {
      const [row] = await transaction`
        select pg_stat_get_xact_numscans('public.idx_embeddings_vector'::regclass)::int as scans`;
      return row?.scans as number;
    };
    const before = await scans();
    const found = await transaction`
      select from public.match_embeddings(
        ${JSON.stringify(queries[0])}, filter => ${sql.json(filter)}
      )`;
    expect(found).toHaveLength(K);
    const [setting] = await transaction`select current_setting('hnsw.ef_search') as value`;
    expect(setting?.value).toBe("77");
    return (await scans()) > before;
  });
}

/** A way to search as an owner. */
type Search = (
  owner: Owner,
  query: number[],
  options: { count: number; filter: JsonObject },
) => Promise<{ id: string }[]>;

const asApplications: Search = ({ client }, query, options) =>
  searchDocuments(client, query, options);

/** Returns the share of the `count` nearest rows that an owner's searches find. */
async function recallOf(
  name: string,
  filter: JsonObject,
  count = K,
  search: Search = asApplications,
) {
  const owner = clients.get(name) ?? expect.fail();
  const { account } = owner;
  const [counted] = await sql`
    select count(*)::int as qualifying from public.embeddings
    where (${account}::uuid is null or user_id = ${account}) and metadata @> ${sql.json(filter)}`;
  const qualifying = counted?.qualifying as number;
  let hits = 0;
  for (const query of queries) {
    const exact = await nearest(query, account, filter, count);
    const found = await search(owner, query, { count, filter });
    expect(found).toHaveLength(Math.min(count, qualifying));
    const ids = new Set(found.map(({ id }) => id));
    if (account) expect(await foreignersAmong([...ids], account)).toBe(0);
    hits += exact.filter((id) => ids.has(id)).length;
  }
  return { recall: hits / (QUERIES * Math.min(count, qualifying)), qualifying };
}

/** Returns how many of these rows do not belong to the account. */
async function foreignersAmong(ids: string[], account: string) {
  const [counted] = await sql`
    select count(*)::int as n from public.embeddings
    where id = any (${ids}) and user_id is distinct from ${account}`;
  return counted?.n;
}

/** Returns the ids of the nearest rows, found by an exact comparison of all rows. */
async function nearest(query: number[], account: string | null, filter: JsonObject, count = K) {
  const rows = await sql<{ id: string }[]>`
    select id from public.embeddings
    where (${account}::uuid is null or user_id = ${account}) and metadata @> ${sql.json(filter)}
    order by 1 - (embedding operator(extensions.<=>) ${JSON.stringify(query)}::extensions.vector) desc,
      id
    limit ${count}`;
  return rows.map(({ id }) => id);
}
