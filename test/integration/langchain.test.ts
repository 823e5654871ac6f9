import { SupabaseVectorStore } from "@langchain/community/vectorstores/supabase";
import { Document } from "@langchain/core/documents";
import { Embeddings } from "@langchain/core/embeddings";
import { beforeEach, describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { EMBEDDING_DIMENSIONS } from "../../src/index.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { type Client, serviceClient } from "../support/clients.ts";

/** Lower dimensions are used by the public documents of other tests. */
const FIRST_DIMENSION = 100;

/** Turns a text into a vector of word counts, with one dimension per word. */
class WordCounts extends Embeddings {
  readonly #dimensions = new Map<string, number>();

  constructor() {
    super({});
  }

  async embedQuery(text: string): Promise<number[]> {
    const counts: number[] = new Array(EMBEDDING_DIMENSIONS).fill(0);
    for (const word of text.toLowerCase().match(/\w+/g) ?? []) {
      const dimension = this.#dimensions.get(word) ?? FIRST_DIMENSION + this.#dimensions.size;
      this.#dimensions.set(word, dimension);
      counts[dimension] = (counts[dimension] ?? 0) + 1;
    }
    return counts;
  }

  async embedDocuments(texts: string[]): Promise<number[][]> {
    return Promise.all(texts.map((text) => this.embedQuery(text)));
  }
}

const words = new WordCounts();

const storeOf = (client: Client) =>
  new SupabaseVectorStore(words, {
    client,
    tableName: "embeddings",
    queryName: "match_embeddings",
  });

const documents = [
  new Document({ pageContent: "red apple pie", metadata: { kind: "cake", page: 1 } }),
  new Document({ pageContent: "green apple tree", metadata: { kind: "plant", page: 2 } }),
  new Document({ pageContent: "blue sky", metadata: { kind: "weather", page: 3 } }),
];

let ada: Login;
let store: SupabaseVectorStore;

beforeEach(async () => {
  ada = await createLogin();
  store = storeOf(ada.client);
});

const texts = (found: Document[]) => found.map(({ pageContent }) => pageContent);

describe("LangChain's SupabaseVectorStore, for a signed-in user", () => {
  test("stores documents without ids, and finds the nearest", async () => {
    const ids = await store.addDocuments(documents);
    expect(new Set(ids).size).toBe(3);
    expect(texts(await store.similaritySearch("apple tree", 2))).toEqual([
      "green apple tree",
      "red apple pie",
    ]);
    const { data } = await serviceClient().from("embeddings").select("user_id").in("id", ids);
    expect(data).toEqual(ids.map(() => ({ user_id: ada.account })));
  });

  test("stores, replaces and deletes documents by text ids", async () => {
    const ids = documents.map((_, i) => uniqueName(`doc-${i}`));
    expect(await store.addDocuments(documents, { ids })).toEqual(ids);
    const renewed = new Document({ pageContent: "grey sky", metadata: { kind: "weather" } });
    expect(await store.addDocuments([renewed], { ids: ids.slice(2) })).toEqual(ids.slice(2));
    expect(texts(await store.similaritySearch("sky", 1))).toEqual(["grey sky"]);
    await store.delete({ ids: ids.slice(2) });
    const left = await ada.client.from("embeddings").select("id").in("id", ids).order("id");
    expect(left.data).toEqual(ids.slice(0, 2).map((id) => ({ id })));
  });

  test("applies a filter on the metadata, and returns scores and metadata", async () => {
    await store.addDocuments(documents);
    const found = await store.similaritySearchWithScore("apple", 5, { kind: "plant" });
    expect(found).toHaveLength(1);
    const [document, score] = found[0] ?? expect.fail();
    expect(document.metadata).toEqual({ kind: "plant", page: 2 });
    expect(score).toBeCloseTo(1 / Math.sqrt(3), 6);
  });

  test("accepts a filter function, for which LangChain sends only the vector", async () => {
    await store.addDocuments(documents);
    const found = await store.similaritySearch("apple", 1, (rpc) =>
      rpc.filter("metadata->>kind", "eq", "cake"),
    );
    expect(texts(found)).toEqual(["red apple pie"]);
  });

  test("works as a retriever", async () => {
    await store.addDocuments(documents);
    expect(texts(await store.asRetriever({ k: 1 }).invoke("blue"))).toEqual(["blue sky"]);
  });

  test("neither finds nor deletes another account's documents with the same ids", async () => {
    const bens = storeOf((await createLogin()).client);
    const ids = [uniqueName("shared")];
    const [secret] = [new Document({ pageContent: "secret apple" })];
    await bens.addDocuments([secret], { ids });
    await store.addDocuments(documents.slice(0, 1), { ids });
    expect(texts(await store.similaritySearch("secret apple", 10))).not.toContain("secret apple");
    await store.delete({ ids });
    expect(texts(await bens.similaritySearch("secret apple", 1))).toEqual(["secret apple"]);
  });
});

test("LangChain's SupabaseVectorStore with the secret key stores public documents", async () => {
  const word = uniqueName("word").replaceAll("-", "");
  const [id = ""] = await storeOf(serviceClient()).addDocuments([
    new Document({ pageContent: word, metadata: {} }),
  ]);
  expect(texts(await store.similaritySearch(word, 1))).toEqual([word]);
  const { data } = await ada.client.from("embeddings").select("user_id").eq("id", id);
  expect(data).toEqual([{ user_id: null }]);
});
