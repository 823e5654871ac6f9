import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { describeAccess, serviceOnly } from "../support/access.ts";
import { type Login, signUp } from "../support/actors.ts";
import { anonClient, serviceClient } from "../support/clients.ts";
import {
  archivedUsage,
  createChat,
  createDocument,
  createUsage,
  vector,
} from "../support/integration.ts";

/** Isolated by person: what becomes of a tenant or a membership does not matter here. */
const person = ["self", "deactivated", "of deactivated tenant", "service"] as const;

describeAccess(
  {
    ai_conversations: {
      select: { allowed: person, others: "nothing" },
      insert: { allowed: person, others: "42501" },
      update: { allowed: person, others: "nothing" },
      delete: { allowed: person, others: "nothing" },
    },
    embeddings: {
      select: { allowed: person, others: "nothing" },
      insert: { allowed: person, others: "42501" },
      update: { allowed: person, others: "nothing" },
      delete: { allowed: person, others: "nothing" },
    },
    ai_usage: {
      select: { allowed: person, others: "nothing" },
      insert: { allowed: serviceOnly, others: "42501" },
      update: { allowed: serviceOnly, others: "42501" },
      delete: { allowed: serviceOnly, others: "42501" },
    },
    ai_usage_archive: {
      select: { allowed: person, others: "nothing" },
      insert: { allowed: serviceOnly, others: "42501" },
      update: { allowed: serviceOnly, others: "42501" },
      delete: { allowed: serviceOnly, others: "42501" },
    },
  },
  {
    ai_conversations: {
      newRow: ({ account }) => ({ id: randomUUID(), user_id: account, title: "New" }),
      existingRow: createChat,
      change: { title: "Changed" },
    },
    embeddings: {
      newRow: ({ account }) => ({
        id: randomUUID(),
        user_id: account,
        content: "New",
        embedding: vector(1),
      }),
      existingRow: createDocument,
      change: { content: "Changed" },
    },
    ai_usage: {
      newRow: ({ account }) => ({
        user_id: account,
        operation_type: randomUUID(),
        model: "gpt-4o",
      }),
      existingRow: createUsage,
      change: { model: "Changed" },
    },
    ai_usage_archive: { newRow: archivedUsage, change: { model: "Changed" } },
  },
);

describe("a public document", () => {
  let ada: Login;
  beforeAll(async () => {
    ada = await signUp();
  });

  test("is read by whoever has signed in, and by nobody else", async () => {
    const { id } = await createDocument(null);
    const signedIn = await ada.client.from("embeddings").select("id, user_id").eq("id", id);
    expect(signedIn.data).toEqual([{ id, user_id: null }]);
    const anonymous = await anonClient().from("embeddings").select("id").eq("id", id);
    expect(anonymous.error?.code).toBe("42501");
  });

  test("is not made by a signed-in user", async () => {
    const row = { id: randomUUID(), content: "Public", embedding: vector(1) };
    const publicly = await ada.client.from("embeddings").insert({ ...row, user_id: null });
    expect(publicly.error?.code).toBe("42501");
    const privately = await ada.client.from("embeddings").insert(row).select("user_id").single();
    expect(privately.data).toEqual({ user_id: ada.account });
    const released = await ada.client
      .from("embeddings")
      .update({ user_id: null })
      .eq("id", row.id)
      .select();
    expect(released.error?.code).toBe("42501");
  });

  test("is not changed or deleted by a signed-in user, not even by an upsert of its id", async () => {
    const document = await createDocument(null);
    const { id } = document;
    const changed = await ada.client.from("embeddings").update({ content: "x" }).eq("id", id);
    const deleted = await ada.client.from("embeddings").delete().eq("id", id);
    const upserted = await ada.client
      .from("embeddings")
      .upsert({ id, content: "Ada's", embedding: vector(1) });
    expect([changed.error, deleted.error, upserted.error]).toEqual([null, null, null]);
    const { data } = await serviceClient()
      .from("embeddings")
      .select("content, user_id")
      .eq("id", id)
      .order("content");
    expect(data).toEqual([
      { content: "Ada's", user_id: ada.account },
      { content: "Fixture", user_id: null },
    ]);
  });

  test("is written by the service role, without an owner", async () => {
    const id = randomUUID();
    const row = { id, content: "Public", embedding: vector(1) };
    await serviceClient().from("embeddings").upsert(row);
    const again = await serviceClient()
      .from("embeddings")
      .upsert({ ...row, content: "Renewed" })
      .select("user_id, content");
    expect(again.data).toEqual([{ user_id: null, content: "Renewed" }]);
  });
});

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
  "two people may use the same id in %s, each their own row",
  async (table, row, read) => {
    const people = [await signUp(), await signUp()];
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
