import { randomUUID } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { vector, vectorAt } from "../../scripts/contract/integration/vectors.ts";
import {
  clearDocuments,
  deleteDocuments,
  getDocument,
  publishDocuments,
  searchDocuments,
  storeDocuments,
} from "../../src/index.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let ada: Login;

beforeEach(async () => {
  ada = await createLogin();
});

async function idsOf({ account }: Login): Promise<string[]> {
  const { data } = await serviceClient()
    .from("embeddings")
    .select("id")
    .eq("user_id", account)
    .order("id");
  return data?.map(({ id }) => id) ?? [];
}

const deleteDocument = (id: string) =>
  ada.client.from("embeddings").delete().eq("id", id).throwOnError();

describe("publishing documents", () => {
  test("with the secret key makes them public, and replaces earlier public ones", async () => {
    const id = randomUUID();
    for (const content of ["old", "new"]) {
      const documents = [{ id, content, embedding: vector(1), metadata: { id } }];
      expect(await publishDocuments(serviceClient(), documents)).toEqual([id]);
    }
    const other = await createLogin();
    expect(await getDocument(other.client, id)).toMatchObject({ content: "new", user_id: null });
    expect(await searchDocuments(other.client, vector(1), { filter: { id } })).toHaveLength(1);
    // A caller's own document comes before the public one with the same id.
    await storeDocuments(other.client, [{ id, content: "own", embedding: vector(1) }]);
    expect(await getDocument(other.client, id)).toMatchObject({ content: "own" });
    const { account } = other;
    const asBackend = (userId: string | null) => getDocument(serviceClient(), id, { userId });
    expect((await asBackend(account))?.content).toBe("own");
    expect((await asBackend(null))?.content).toBe("new");
  });

  test("is refused for a signed-in user", async () => {
    const documents = [{ content: "Mine", embedding: vector(1) }];
    await expect(publishDocuments(ada.client, documents)).rejects.toMatchObject({ code: "42501" });
  });
});

describe("storing documents", () => {
  test("returns their ids in order, given or generated", async () => {
    const ids = await storeDocuments(ada.client, [
      { id: "b", content: "B", embedding: vector(1) },
      { content: "new", embedding: vector(1) },
      { id: "a", content: "A", embedding: vector(1) },
    ]);
    expect(ids).toEqual(["b", expect.stringMatching(/^[0-9a-f-]{36}$/), "a"]);
    expect(await idsOf(ada)).toEqual([...ids].sort());
  });

  test("replaces the caller's document with the same id, and no other account's", async () => {
    const other = await createLogin();
    await storeDocuments(other.client, [{ id: "x", content: "Other", embedding: vector(1) }]);
    for (const content of ["old", "new"]) {
      await storeDocuments(ada.client, [
        { id: "x", content, embedding: vector(0, 1), metadata: { content } },
      ]);
    }
    expect(await getDocument(ada.client, "x")).toMatchObject({
      content: "new",
      metadata: { content: "new" },
      user_id: ada.account,
    });
    expect(await getDocument(other.client, "x")).toMatchObject({ content: "Other" });
  });

  test("stores no document if one is not valid", async () => {
    const documents = [
      { content: "good", embedding: vector(1) },
      { content: "bad", embedding: [1, 2] },
    ];
    await expect(storeDocuments(ada.client, documents)).rejects.toMatchObject({
      name: "DatabaseError",
      code: "22000",
      message: "expected 1536 dimensions, not 2",
    });
    expect(await idsOf(ada)).toEqual([]);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])(
    "rejects %d in a vector, same as a search does",
    async (number) => {
      const documents = [{ content: "bad", embedding: vector(number) }];
      await expect(storeDocuments(ada.client, documents)).rejects.toMatchObject({ code: "22P02" });
      await expect(searchDocuments(ada.client, vector(number))).rejects.toMatchObject({
        code: "22P02",
      });
    },
  );

  test("is refused with the secret key, which would publish them", async () => {
    const id = randomUUID();
    const documents = [{ id, content: "Private", embedding: vector(1) }];
    await expect(storeDocuments(serviceClient(), documents)).rejects.toMatchObject({
      code: "42501",
      message: "cannot store embeddings without a signed-in user",
    });
    expect(await getDocument(serviceClient(), id, { userId: null })).toBeNull();
    expect(await storeDocuments(ada.client, documents)).toEqual([id]);
    await deleteDocument(id);
  });

  test.each([
    ["an object", { content: "x" }],
    ["null", null],
  ])("rejects %s in place of the array with 22023", async (_name, p_documents) => {
    const { error } = await ada.client.rpc("store_embeddings", { p_documents } as never);
    expect([error?.code, error?.message]).toEqual(["22023", expect.stringMatching(/JSON array/)]);
  });

  test("returns no ids for no documents", async () => {
    expect(await storeDocuments(ada.client, [])).toEqual([]);
    expect(await publishDocuments(serviceClient(), [])).toEqual([]);
  });

  test("keeps the numbers of a vector", async () => {
    const embedding = vectorAt(0.25);
    const [id = ""] = await storeDocuments(ada.client, [{ content: "numbers", embedding }]);
    const stored = await getDocument(ada.client, id);
    expect(stored?.embedding).toHaveLength(1536);
    stored?.embedding.forEach((number, i) => {
      expect(number).toBeCloseTo(embedding[i] ?? Number.NaN, 6);
    });
  });
});

describe("getting a document", () => {
  test("returns the caller's document instead of a public one with the same id", async () => {
    const { id } = await createRow("embeddings", null, { content: "public" });
    expect(await getDocument(ada.client, id)).toMatchObject({ content: "public", user_id: null });
    await createRow("embeddings", ada, { id, content: "own" });
    expect(await getDocument(ada.client, id)).toMatchObject({ content: "own" });
  });

  test("accepts an owner, and null for the public document", async () => {
    const { id } = await createRow("embeddings", null, { content: "public" });
    await createRow("embeddings", ada, { id, content: "own" });
    const content = async (client: Login["client"], userId: string | null) =>
      (await getDocument(client, id, { userId }))?.content;
    expect(await content(serviceClient(), null)).toBe("public");
    expect(await content(serviceClient(), ada.account)).toBe("own");
    expect(await content(ada.client, null)).toBe("public");
    expect(await content((await createLogin()).client, ada.account)).toBeUndefined();
  });

  test("returns null for another account's document", async () => {
    const { id } = await createRow("embeddings", await createLogin());
    expect(await getDocument(ada.client, id)).toBeNull();
  });
});

describe("deleting by metadata", () => {
  test("deletes the caller's matching documents, and returns their number", async () => {
    const other = await createLogin();
    const metadata = { source: randomUUID() };
    await createRow("embeddings", ada, { id: "1", metadata });
    await createRow("embeddings", ada, { id: "2", metadata: { ...metadata, page: 2 } });
    await createRow("embeddings", ada, { id: "3", metadata: { source: "other" } });
    await createRow("embeddings", other, { id: "4", metadata });
    const { id: publicId } = await createRow("embeddings", null, { metadata });
    expect(await deleteDocuments(ada.client, { ...metadata, page: 3 })).toBe(0);
    expect(await deleteDocuments(ada.client, { ...metadata, page: 2 })).toBe(1);
    expect(await deleteDocuments(ada.client, metadata)).toBe(1);
    expect(await idsOf(ada)).toEqual(["3"]);
    expect(await idsOf(other)).toEqual(["4"]);
    expect(await getDocument(ada.client, publicId)).not.toBeNull();
    expect(await deleteDocuments(ada.client, metadata)).toBe(0);
  });

  test.each([
    ["an empty filter", {}, /without empty objects and arrays, not {}/],
    ["an empty object at a key", { source: {} }, /not {"source": {}}/],
    ["an empty array at a key", { tags: [] }, /not {"tags": \[\]}/],
    ["an empty array further down", { a: { b: [] }, source: "kept" }, /not {"a": {"b": \[\]}/],
    ["what undefined leaves of an object", { source: { id: undefined } }, /not {"source": {}}/],
    ["an array", [1], /must be a JSON object without empty/],
    ["null", null, /without empty objects and arrays, not null/],
  ])("is refused for %s, and deletes nothing", async (_name, filter, message) => {
    const metadata = { source: "kept", tags: ["a"], a: { b: ["c"] } };
    await createRow("embeddings", ada, { id: "kept", metadata });
    await expect(deleteDocuments(ada.client, filter as never)).rejects.toMatchObject({
      code: "22023",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("clear_all_embeddings"),
    });
    expect(await idsOf(ada)).toEqual(["kept"]);
  });
});

describe("clearing documents", () => {
  test("deletes all documents of the caller, and no other account's", async () => {
    const other = await createLogin();
    await createRow("embeddings", ada, { id: "1" });
    await createRow("embeddings", ada, { id: "2" });
    await createRow("embeddings", other, { id: "3" });
    const { id: publicId } = await createRow("embeddings", null);
    expect(await clearDocuments(ada.client)).toBe(2);
    expect([await idsOf(ada), await idsOf(other)]).toEqual([[], ["3"]]);
    expect(await getDocument(ada.client, publicId)).not.toBeNull();
    expect(await clearDocuments(ada.client)).toBe(0);
  });
});

test.each([
  ["the service role", serviceClient],
  ["a caller who has not signed in", anonClient],
])("%s cannot delete public documents as if they were its own", async (_name, client) => {
  const { id } = await createRow("embeddings", null, { metadata: { source: "kept" } });
  const refused = { code: "42501" };
  await expect(deleteDocuments(client(), { source: "kept" })).rejects.toMatchObject(refused);
  await expect(clearDocuments(client())).rejects.toMatchObject(refused);
  expect(await getDocument(ada.client, id)).not.toBeNull();
});

test("deleting an account deletes its rows, and makes no document public", async () => {
  const metadata = { of: randomUUID() };
  const { id } = await createRow("embeddings", ada, { metadata });
  const { id: chat } = await createRow("ai_conversations", ada);
  const { id: usage } = await createRow("ai_usage", ada);
  const other = await createLogin();
  await asOwner()`delete from auth.users where id = ${ada.account}`;
  expect(await searchDocuments(other.client, vector(1), { filter: metadata })).toEqual([]);
  const service = serviceClient();
  expect((await service.from("embeddings").select("id").eq("id", id)).data).toEqual([]);
  expect((await service.from("ai_conversations").select("id").eq("id", chat)).data).toEqual([]);
  expect((await service.from("ai_usage").select("id").eq("id", usage)).data).toEqual([]);
});
