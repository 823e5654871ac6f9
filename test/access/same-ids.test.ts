import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { createLogin, type Login } from "../support/actors.ts";

test.each([
  [
    "ai_conversations",
    (id: string, title: string) => ({ id, title }),
    (client: Login["client"], id: string) =>
      client.from("ai_conversations").select("title").eq("id", id),
  ],
  [
    "embeddings",
    (id: string, content: string) => ({ id, content, embedding: vector(1) }),
    (client: Login["client"], id: string) =>
      client.from("embeddings").select("content").eq("id", id),
  ],
] as const)(
  "two accounts can use the same id in %s, each for its own row",
  async (table, row, read) => {
    const people = [await createLogin(), await createLogin()];
    const id = randomUUID();
    for (const [i, { client }] of people.entries()) {
      for (const text of ["first", `of person ${i}`]) {
        const { error } = await client.from(table).upsert(row(id, text) as never);
        expect(error).toBeNull();
      }
    }
    for (const [i, { client }] of people.entries()) {
      const { data } = await read(client, id);
      expect(data?.map((found) => Object.values(found)[0])).toEqual([`of person ${i}`]);
    }
  },
);
