import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { deleteDocuments, type JsonObject, searchDocuments } from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

import { send, tokenOf } from "./requests.ts";

let ada: Member;
let outsider: Member;
let secret: string;

beforeAll(async () => {
  [ada, outsider] = await Promise.all([
    createMember(await createTenant()),
    createMember(await createTenant()),
  ]);
  secret = (await createRow("conversations", outsider, { title: "Secret" })).id;
});

/** Checks that the other tenant's row has not changed. */
async function expectSecretKept() {
  const { data } = await serviceClient().from("conversations").select("title").eq("id", secret);
  expect(data).toEqual([{ title: "Secret" }]);
}

const sql = [
  "' or '1'='1",
  "'; drop table public.conversations; --",
  "x') or (select true) --",
  "\\'; select pg_sleep(10); --",
  "$$; delete from public.conversations; $$",
  '"; set role service_role; --',
  "%",
  "*",
];

describe("SQL in a value is not executed", () => {
  test.each(sql)("in a title and in the filter for it: %s", async (title) => {
    const inserted = await ada.client.from("conversations").insert({ title }).select().single();
    const { id } = must(inserted);
    await createRow("conversations", ada, { title: "Another" });
    const { data } = await ada.client.from("conversations").select("id").eq("title", title);
    expect(data).toEqual([{ id }]);
    await expectSecretKept();
  });

  test.each(sql)(
    "in the metadata of a document, and in a search and a deletion by it: %s",
    async (text) => {
      const filter = { [text]: text };
      const other = await createRow("embeddings", outsider, { metadata: filter });
      const kept = await createRow("embeddings", ada, { metadata: { kept: true } });
      const { id } = await createRow("embeddings", ada, { metadata: filter });
      const found = await searchDocuments(ada.client, vector(1), { filter });
      expect(found.map((document) => document.id)).toEqual([id]);
      expect(await deleteDocuments(ada.client, filter)).toBe(1);
      const left = await serviceClient()
        .from("embeddings")
        .select("id")
        .in("id", [kept.id, other.id]);
      expect(left.data).toHaveLength(2);
    },
  );

  test.each<[string, JsonObject]>([
    ["operators of another database", { $or: [{ user_id: { $ne: null } }] }],
    ["columns", { user_id: null, owner_id: "00000000-0000-0000-0000-000000000000" }],
    ["an operator with a text", { $where: "true" }],
  ])("a filter with %s finds and deletes only documents that contain it", async (_name, filter) => {
    await createRow("embeddings", ada, { metadata: { kept: true } });
    expect(await searchDocuments(ada.client, vector(1), { filter })).toEqual([]);
    expect(await deleteDocuments(ada.client, filter as never)).toBe(0);
    await createRow("embeddings", ada, { metadata: filter as never });
    expect(await deleteDocuments(ada.client, filter as never)).toBe(1);
  });

  test.each([
    "conversations?title=eq.x' or '1'='1",
    "conversations?or=(title.eq.Secret,tenant_id.not.is.null)",
    "conversations?and=(or(id.not.is.null,title.eq.x))",
    "conversations?select=id,title,tenant_id::text",
    "conversations?order=title;drop table conversations",
    "conversations?select=id,(select 1)",
    "conversations?select=id,pg_sleep(10)",
    "conversations?limit=1;delete from conversations",
    "conversations?title=fts.'); delete from conversations; --",
    "conversations?metadata->>'a' or 1=1--=eq.x",
  ])("in a URL, which shows no other tenant's rows: %s", async (path) => {
    const { body } = await send(await tokenOf(ada), encodeURI(path));
    expect(body).not.toContain(secret);
    await expectSecretKept();
    const control = await send(await tokenOf(outsider), "conversations?select=id");
    expect(control.body).toContain(secret);
  });

  test("by a function: none that a caller may execute runs dynamic SQL", async () => {
    const dynamic = await asOwner()`
      select p.oid::regproc::text as name from pg_proc p
      where p.pronamespace in ('public'::regnamespace, 'private'::regnamespace)
        and has_function_privilege('authenticated', p.oid, 'execute')
        and coalesce(p.prosrc, '') ~* '\\m(execute|query_to_xml|dblink)\\M'`;
    expect([...dynamic]).toEqual([]);
    const [control] = await asOwner()`
      select count(*)::int as n from pg_proc
      where pronamespace = 'private'::regnamespace and prosrc ~* '\\mexecute\\M'`;
    expect(control?.n).toBeGreaterThan(0);
  });
});

describe("excessive or invalid data is refused or cut", () => {
  test("a read of all rows returns 1,000 rows", async () => {
    const titles = Array.from({ length: 1200 }, (_, n) => ({ title: `${n}` }));
    const { error } = await ada.client.from("conversations").insert(titles);
    expect(error).toBeNull();
    const all = await ada.client.from("conversations").select("id").limit(1_000_000);
    expect(all.data).toHaveLength(1000);
  });

  test("one invalid row among 501 rejects the whole request", async () => {
    const { id: conversation_id } = await createRow("conversations", ada);
    const message = { conversation_id, role: "user" as const, content: "Hi" };
    const rows = Array.from({ length: 500 }, () => message);
    const wrong = { ...message, conversation_id: secret };
    const refused = await ada.client.from("messages").insert([...rows, wrong]);
    expect(refused.error?.code).toBe("42501");
    const stored = async () =>
      (await ada.client.from("messages").select().eq("conversation_id", conversation_id)).data;
    expect(await stored()).toEqual([]);
    expect((await ada.client.from("messages").insert(rows)).error).toBeNull();
    expect(await stored()).toHaveLength(500);
  });

  test.each<[string, object, string]>([
    ["a number too large for an integer", { token_count: 3e9 }, "22003"],
    ["a number of a hundred digits", { latency_ms: 1e100 }, "22P02"],
    ["a text too long for its column", { model_used: "x".repeat(5000) }, "23514"],
    ["a zero byte in a text", { content: "a\u0000b" }, "22P05"],
    ["a zero byte in JSON", { metadata: { a: "a\u0000b" } }, "22P05"],
  ])("%s", async (_name, values, code) => {
    const { id: conversation_id } = await createRow("conversations", ada);
    const message = { conversation_id, role: "user" as const, content: "Hi" };
    const { error } = await ada.client.from("messages").insert({ ...message, ...values });
    expect(error?.code).toBe(code);
    expect((await ada.client.from("messages").insert(message)).error).toBeNull();
  });
});

const [engine] = await asOwner()<[{ is_server: boolean }]>`
  select version() !~ 'wasm' as is_server`;

test(
  engine.is_server
    ? "JSON nested 100,000 levels deep is refused"
    : "JSON nested 100 levels deep is stored (thousands would crash the embedded engine)",
  async () => {
    const depth = engine.is_server ? 100_000 : 100;
    const metadata = `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;
    const title = randomUUID();
    const { status } = await send(await tokenOf(ada), "conversations", {
      method: "POST",
      body: `{"title": "${title}", "metadata": ${metadata}}`,
    });
    expect(status >= 400).toBe(engine.is_server);
    const { data } = await ada.client.from("conversations").select("id").eq("title", title);
    expect(data).toHaveLength(engine.is_server ? 0 : 1);
  },
);
