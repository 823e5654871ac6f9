import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { vector, vectorAt } from "../../scripts/contract/integration/vectors.ts";
import { searchDocuments } from "../../src/index.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { anonClient, asOwner, type Client, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

const INVALID = "22023";

let ada: Login;
let ben: Login;
/** Marks the documents of this file, because other files run at the same time. */
const mark = { run: randomUUID() };

/** The similarities of Ada's documents to `vector(1)`. That of Ben's document is 1, too. */
const similarities = [1, 0.9, 0.8, 0.5, 0, -0.5];

beforeAll(async () => {
  [ada, ben] = await Promise.all([createLogin(), createLogin()]);
  for (const similarity of similarities) {
    await createRow("embeddings", ada, {
      content: `at ${similarity}`,
      embedding: vectorAt(similarity),
      metadata: { ...mark, even: similarity === 1 || similarity === 0.8, tags: ["a", "b"] },
    });
  }
  await createRow("embeddings", ben, { content: "Ben's", embedding: vector(1), metadata: mark });
  await createRow("embeddings", null, {
    content: "public",
    embedding: vectorAt(0.7),
    metadata: { ...mark, public: true },
  });
});

const search = (client: Client, options: Parameters<typeof searchDocuments>[2] = {}) =>
  searchDocuments(client, vector(1), { ...options, filter: { ...mark, ...options.filter } });

const contents = (found: { content: string }[]) => found.map(({ content }) => content);

describe("a search", () => {
  test("finds the caller's and the public documents, nearest first", async () => {
    const found = await search(ada.client);
    expect(contents(found)).toEqual([
      "at 1",
      "at 0.9",
      "at 0.8",
      "public",
      "at 0.5",
      "at 0",
      "at -0.5",
    ]);
    expect(contents(await search(ben.client))).toEqual(["Ben's", "public"]);
  });

  test("returns the id, content, metadata and cosine similarity", async () => {
    const [best, second] = await search(ada.client);
    expect(Object.keys(best ?? {}).sort()).toEqual(["content", "id", "metadata", "similarity"]);
    expect(best?.similarity).toBe(1);
    expect(second?.similarity).toBeCloseTo(0.9, 5);
    expect(best?.metadata).toEqual({ ...mark, even: true, tags: ["a", "b"] });
  });

  test.each([
    [1, 1],
    [3, 3],
    [7, 7],
    [1000, 7],
  ])("with a count of %i returns %i of 7 documents", async (count, expected) => {
    expect(await search(ada.client, { count })).toHaveLength(expected);
  });

  test("returns ten documents when no count is given", async () => {
    const eve = await createLogin();
    const filter = { many: randomUUID() };
    await Promise.all(
      Array.from({ length: 12 }, () => createRow("embeddings", eve, { metadata: filter })),
    );
    const asked = { query_embedding: vector(1), filter };
    expect((await eve.client.rpc("match_embeddings", asked)).data).toHaveLength(10);
    const all = await eve.client.rpc("match_embeddings", { ...asked, match_count: 100 });
    expect(all.data).toHaveLength(12);
  });

  test.each([
    [-2, 7],
    [-1, 7],
    [-0.4999, 6],
    [0.5001, 4],
    [0.6999, 4],
    [1, 1],
    [1.1, 0],
  ])("with the threshold %d returns %i documents", async (threshold, expected) => {
    expect(await search(ada.client, { threshold })).toHaveLength(expected);
  });

  test("returns no documents for the threshold NaN", async () => {
    const { data, error } = await ada.client.rpc("match_embeddings", {
      query_embedding: vector(1),
      match_threshold: "NaN" as never,
    });
    expect([data, error]).toEqual([[], null]);
  });

  test.each([
    ["one key", { even: true }, ["at 1", "at 0.8"]],
    ["an array's element", { tags: ["b"] }, similarities.map((s) => `at ${s}`)],
    ["public rows only", { public: true }, ["public"]],
    ["nothing", { even: "true" }, []],
  ])("applies a filter on %s", async (_name, filter, expected) => {
    expect(contents(await search(ada.client, { filter }))).toEqual(expected);
  });

  test("treats a null for an optional argument as absent", async () => {
    const { data, error } = await ada.client.rpc("match_embeddings", {
      query_embedding: vector(1),
      match_threshold: null as never,
      filter: null as never,
    });
    expect(error).toBeNull();
    expect(data?.length).toBeGreaterThanOrEqual(7);
  });

  test("accepts the vector as an array or as text", async () => {
    const asText = await ada.client.rpc("match_embeddings", {
      query_embedding: JSON.stringify(vector(1)),
      filter: mark,
    });
    expect(asText.data).toEqual(await search(ada.client));
  });

  test("finds a document as soon as it is stored, and not after it is deleted", async () => {
    const filter = { ...mark, unique: randomUUID() };
    expect(await search(ada.client, { filter })).toEqual([]);
    const { id } = await createRow("embeddings", ada, { metadata: filter });
    expect(await search(ada.client, { filter })).toMatchObject([{ id }]);
    await ada.client.from("embeddings").delete().eq("id", id);
    expect(await search(ada.client, { filter })).toEqual([]);
  });
});

describe("another account's documents", () => {
  test("are not found, whatever the caller searches for", async () => {
    const secret = { secret: randomUUID() };
    const embedding = vector(0, 0, 0, 1);
    const { id } = await createRow("embeddings", ben, { embedding, metadata: secret });
    const asked = { query_embedding: embedding, match_count: 1000 };
    const searches = [
      { ...asked },
      { ...asked, match_threshold: -1 },
      { ...asked, filter: secret },
      { ...asked, filter: { ...secret, user_id: ben.account } },
    ];
    for (const args of searches) {
      const { data, error } = await ada.client.rpc("match_embeddings", args);
      expect(error).toBeNull();
      expect(data?.map((found) => found.id)).not.toContain(id);
      const control = await ben.client.rpc("match_embeddings", { ...args, filter: secret });
      expect(control.data?.map((found) => found.id)).toEqual([id]);
    }
  });

  test("are found by the service role, which sees all documents", async () => {
    const nearest = await search(serviceClient(), { count: 2 });
    expect(contents(nearest).sort()).toEqual(["Ben's", "at 1"]);
  });

  test("are not found by a signed-in caller of the backend's search function", async () => {
    const asked = asOwner()
      .begin(async (sql) => {
        await sql`grant usage on schema private to authenticated`;
        await sql`select set_config('request.jwt.claim.sub', ${ada.account}, true)`;
        await sql`set local role authenticated`;
        const query = JSON.stringify(vector(1));
        // The control: with false or null, the function finds only the caller's documents.
        for (const seesAll of [false, null]) {
          const own = await sql`
            select content
            from private.nearest_embeddings_of_caller(
              ${query}, 10, ${sql.json(mark)}, ${seesAll}
            )`;
          expect(own.map(({ content }) => content)).toContain("at 1");
          expect(own.map(({ content }) => content)).not.toContain("Ben's");
        }
        return sql`
          select content from private.nearest_embeddings_of_caller(${query}, 10, '{}', true)`;
      })
      .catch((error) => error.code);
    expect(await asked).toBe("42501");
  });

  test("are not found without a sign-in", async () => {
    const { error } = await anonClient().rpc("match_embeddings", { query_embedding: vector(1) });
    expect(error?.code).toBe("42501");
  });
});

describe("bad input is refused", () => {
  test.each<[string, Record<string, unknown>, string, RegExp]>([
    ["too few dimensions", { query_embedding: [1, 2, 3] }, INVALID, /1536 dimensions, not 3/],
    [
      "too many dimensions",
      { query_embedding: [...vector(1), 0] },
      INVALID,
      /1536 dimensions, not 1537/,
    ],
    ["no vector", { query_embedding: null }, INVALID, /1536 dimensions, not null/],
    ["a zero vector", { query_embedding: vector(0) }, INVALID, /must not be zero or nearly zero/],
    [
      "a vector too small",
      { query_embedding: vector(1e-30) },
      INVALID,
      /must not be zero or nearly zero/,
    ],
    ["NaN in the vector", { query_embedding: "[NaN]" }, "22000", /NaN not allowed/],
    ["an infinite vector", { query_embedding: "[Infinity]" }, "22000", /infinite value/],
    ["text for a vector", { query_embedding: "near" }, "22P02", /invalid input syntax/],
    ["an array as filter", { filter: [] }, INVALID, /filter must be a JSON object, not array/],
    ["text as filter", { filter: "x" }, INVALID, /filter must be a JSON object, not string/],
    ["a count of 0", { match_count: 0 }, INVALID, /between 1 and 1000, not 0/],
    ["a negative count", { match_count: -5 }, INVALID, /between 1 and 1000, not -5/],
    ["a huge count", { match_count: 1001 }, INVALID, /between 1 and 1000, not 1001/],
    ["no count", { match_count: null }, INVALID, /between 1 and 1000, not null/],
    ["a count too large for an integer", { match_count: 3e9 }, "22003", /out of range/],
  ])("%s", async (_name, args, code, message) => {
    const { error } = await ada.client.rpc("match_embeddings", {
      query_embedding: vector(1),
      ...args,
    } as never);
    expect([error?.code, error?.message]).toEqual([code, expect.stringMatching(message)]);
  });
});
