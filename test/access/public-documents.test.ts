import { randomUUID } from "node:crypto";
import type postgres from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { createLogin, type Login } from "../support/actors.ts";
import { anonClient, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";
import { claimsOfLogin, whatIfCaller } from "../support/what-if.ts";

type Statement = (sql: postgres.Sql) => Promise<unknown>;

/** Inserts a document as its owner, and returns its id. */
async function insertOwn({ client }: Login): Promise<string> {
  const row = { id: randomUUID(), content: "Own", embedding: vector(1) };
  await client.from("embeddings").insert(row).throwOnError();
  return row.id;
}

describe("a public document", () => {
  let ada: Login;
  beforeAll(async () => {
    ada = await createLogin();
  });

  test("can be read and found by every signed-in account, but not by anon", async () => {
    const filter = { mark: randomUUID() };
    const { id } = await createRow("embeddings", null, { metadata: filter });
    const search = { query_embedding: vector(1), filter };
    const signedIn = await ada.client.from("embeddings").select("id, user_id").eq("id", id);
    expect(signedIn.data).toEqual([{ id, user_id: null }]);
    const found = await ada.client.rpc("match_embeddings", search);
    expect(found.data).toMatchObject([{ id }]);
    const anonymous = await anonClient().from("embeddings").select("id").eq("id", id);
    const searched = await anonClient().rpc("match_embeddings", search);
    expect([anonymous.error?.code, searched.error?.code]).toEqual(["42501", "42501"]);
  });

  test("cannot be created by a signed-in caller", async () => {
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

  test("cannot be changed or deleted by a signed-in caller, not even by an upsert", async () => {
    const document = await createRow("embeddings", null);
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

  test("survives a signed-in caller's attempts to delete all documents by a function", async () => {
    const filter = { mark: randomUUID() };
    const { id } = await createRow("embeddings", null, { metadata: filter });
    const attempts = [
      await ada.client.rpc("delete_by_metadata", { filter }),
      await ada.client.rpc("clear_all_embeddings"),
    ];
    expect(attempts.map(({ error }) => error)).toEqual([null, null]);
    const { data } = await serviceClient().from("embeddings").select("content").eq("id", id);
    expect(data).toEqual([{ content: "Fixture" }]);
  });

  test.each<[string, Statement, string[]]>([
    ["update", (sql) => sql`update public.embeddings set content = 'x'`, ["Fixture", "x"]],
    ["delete", (sql) => sql`delete from public.embeddings`, ["Fixture"]],
  ])("survives a signed-in caller's %s of all rows, unlike their own", async (_, act, left) => {
    const ben = await createLogin();
    const [shared, own] = [await createRow("embeddings", null), await insertOwn(ben)];
    const found = await whatIfCaller(
      await claimsOfLogin(ben),
      act,
      (sql) => sql`
        select content from public.embeddings where id in (${shared.id}, ${own}) order by content`,
    );
    expect(found.map(({ content }) => content)).toEqual(left);
  });

  test("can be upserted by the service role, and has no owner", async () => {
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
