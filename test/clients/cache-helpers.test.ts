import {
  buildDeleteFetcher,
  buildInsertFetcher,
  buildUpdateFetcher,
  buildUpsertFetcher,
  createCursorPaginationFetcher,
  createOffsetPaginationFetcher,
  createOffsetPaginationHasMoreFetcher,
  decodeObject,
  encodeObject,
  fetcher,
  PostgrestFilter,
  PostgrestParser,
} from "@supabase-cache-helpers/postgrest-core";
import { beforeAll, describe, expect, expectTypeOf, inject, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import type { MessageRole, ServiceInsert, Tables } from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { type Client, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

const PAGE_SIZE = 3;

let ada: Member;
let ben: Member;
/** Ada's conversations, sorted by creation time and then by id. */
let chats: Tables<"conversations">[];

/** Ada has seven chats in one tenant, four with the same time. Ben has three in another tenant. */
beforeAll(async () => {
  [ada, ben] = await Promise.all([
    createMember(await createTenant()),
    createMember(await createTenant()),
  ]);
  const made = Array.from({ length: 7 }, (_, i) =>
    createRow("conversations", ada, {
      title: `Chat ${i}`,
      created_at: `2026-01-0${i < 4 ? 1 : i}T00:00:00.5+00:00`,
      is_archived: i % 2 === 0,
      metadata: { source: i < 2 ? "web" : "app" },
    }),
  );
  await Promise.all(Array.from({ length: 3 }, () => createRow("conversations", ben)));
  chats = (await Promise.all(made)).sort((a, b) =>
    `${a.created_at} ${a.id}` < `${b.created_at} ${b.id}` ? -1 : 1,
  );
});

const listing = (client: Client, count?: "exact") =>
  client
    .from("conversations")
    .select("id, created_at", count && { count })
    .order("created_at")
    .order("id");

const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);

describe("pagination", () => {
  test.each(["exact", undefined] as const)(
    "by offset, with count %s, returns every row",
    async (count) => {
      const page =
        createOffsetPaginationFetcher(() => listing(ada.client, count), {
          decode: (offset: number) => ({ offset }),
          pageSize: PAGE_SIZE,
        }) ?? expect.fail();
      const pages = [await page(0), await page(3), await page(6)];
      expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
      expect(idsOf(pages.flat())).toEqual(idsOf(chats));
      // An offset at the end is no error, same as in PostgREST.
      expect(await page(7)).toEqual([]);
      expectTypeOf(pages).items.items.toEqualTypeOf<{ id: string; created_at: string }>();
    },
  );

  test("beyond the end fails with a count and returns no row without one", async () => {
    const beyond = (count?: "exact") =>
      createOffsetPaginationFetcher(() => listing(ada.client, count), {
        decode: () => ({ offset: 8 }),
        pageSize: PAGE_SIZE,
      })?.({});
    await expect(beyond("exact")).rejects.toMatchObject({ code: "PGRST103" });
    expect(await beyond()).toEqual([]);
  });

  test("returns whether there are more rows", async () => {
    const page =
      createOffsetPaginationHasMoreFetcher(() => listing(ada.client), {
        decode: (offset: number) => ({ offset }),
        pageSize: PAGE_SIZE,
      }) ?? expect.fail();
    const pages = [await page(0), await page(3), await page(6)];
    expect(pages.map(({ hasMore }) => hasMore)).toEqual([true, true, false]);
    expect(idsOf(pages.flatMap(({ data }) => data))).toEqual(idsOf(chats));
  });

  test("keeps the types of the rows and of the embedded rows", async () => {
    await createRow("messages", ada, { conversation_id: chats[0]?.id ?? "", role: "assistant" });
    const page = createOffsetPaginationFetcher(
      () =>
        ada.client
          .from("conversations")
          .select("title, messages(role)")
          .order("created_at")
          .order("id"),
      { decode: () => ({}), pageSize: 1 },
    );
    const rows = await page?.({});
    expect(rows?.[0]?.messages).toEqual([{ role: "assistant" }]);
    type Expected = { title: string | null; messages: { role: MessageRole }[] };
    expectTypeOf(rows).exclude<undefined>().items.toEqualTypeOf<Expected>();
  });

  test("by cursor returns every row, even if a page ends between equal times", async () => {
    type Cursor = { id: string; created_at: string } | undefined;
    const page =
      createCursorPaginationFetcher(() => listing(ada.client).limit(PAGE_SIZE), {
        orderBy: "created_at",
        uqOrderBy: "id",
        decode: (after: Cursor) =>
          after ? { orderBy: after.created_at, uqOrderBy: after.id } : {},
      }) ?? expect.fail();
    const first = await page(undefined);
    const second = await page(first.at(-1));
    const third = await page(second.at(-1));
    expect(first.at(-1)?.created_at).toBe(second[0]?.created_at);
    expect(idsOf([first, second, third].flat())).toEqual(idsOf(chats));
    expect(await page(third.at(-1))).toEqual([]);
  });
});

describe("count: exact", () => {
  test("counts only the rows of the caller's tenant", async () => {
    for (const [{ client }, count] of [
      [ada, 7],
      [ben, 3],
    ] as const) {
      const found = await fetcher(listing(client, "exact").limit(2));
      expect([found.data?.length, found.count]).toEqual([2, count]);
      const head = client.from("conversations").select("*", { count: "exact", head: true });
      expect((await fetcher(head)).count).toBe(count);
    }
  });

  test.each([
    ["all rows", "", 200, "0-6/7"],
    ["the first page", "limit=3&offset=0", 206, "0-2/7"],
    ["the last page", "limit=3&offset=6", 206, "6-6/7"],
    ["the page after the last row", "limit=3&offset=7", 206, "*/7"],
    ["a page beyond the end", "limit=3&offset=8", 416, "*/7"],
    ["a filter without matches", "title=eq.None&limit=3&offset=0", 200, "*/0"],
  ])("a request for %s returns its range", async (_, query, status, range) => {
    const { data } = await ada.client.auth.getSession();
    const { API_URL, PUBLISHABLE_KEY } = inject("stack");
    const answer = await fetch(`${API_URL}/rest/v1/conversations?select=id&order=id&${query}`, {
      headers: {
        apikey: PUBLISHABLE_KEY,
        Authorization: `Bearer ${data.session?.access_token}`,
        Prefer: "count=exact",
      },
    });
    expect([answer.status, answer.headers.get("content-range")]).toEqual([status, range]);
  });
});

describe("keys", () => {
  test("describe a query, and differ between different queries", () => {
    const key = (query: unknown) => new PostgrestParser(query);
    const parsed = key(listing(ada.client, "exact").range(3, 5));
    expect(parsed).toMatchObject({ table: "conversations", count: "exact", limit: 3, offset: 3 });
    expect(parsed.orderBy.map(({ column }) => column)).toEqual(["created_at", "id"]);
    expect(parsed.queryKey).toBe(key(listing(ada.client).range(3, 5)).queryKey);
    expect(parsed.queryKey).not.toBe(key(listing(ada.client).eq("title", "x")).queryKey);
    const filters = { title: "a&b", metadata: { source: "web" } };
    expect(decodeObject(encodeObject(filters))).toEqual(filters);
  });

  test("filter cached rows the same way as the API", async () => {
    const rows = () => ada.client.from("conversations").select("id, title, is_archived, metadata");
    const queries = [
      rows().eq("is_archived", true),
      rows().in("title", ["Chat 1", "Chat 2", "None"]),
      rows().or("title.eq.Chat 1,and(is_archived.eq.true,title.gt.Chat 3)"),
      rows().ilike("title", "CHAT%").neq("title", "Chat 0"),
    ];
    const { data: all } = await rows().order("id");
    for (const query of queries) {
      const cached = PostgrestFilter.fromBuilder(query);
      const { data } = await query.order("id");
      expect(data).not.toEqual([]);
      expect(all?.filter((row) => cached.apply(row))).toEqual(data);
    }
  });
});

describe("mutations", () => {
  const queriesForTable = () => [];

  test("insert sends no tenant and returns the requested columns", async () => {
    const conversation = await createRow("conversations", ada);
    const insert = buildInsertFetcher(ada.client.from("messages"), {
      query: "id, role, tenant_id",
      queriesForTable,
    });
    const row = { conversation_id: conversation.id, role: "user", content: "Hi" } as const;
    const [first, second] = (await insert([row, { ...row, role: "assistant" }])) ?? expect.fail();
    expect(first?.userQueryData).toMatchObject({ role: "user", tenant_id: ada.tenant_id });
    expect(second?.userQueryData).toMatchObject({ role: "assistant" });
    expectTypeOf(insert).parameter(0).items.toEqualTypeOf<ServiceInsert<"messages">>();
  });

  test("update finds the row by its composite key and does not set the key", async () => {
    const { id, tenant_id } = await createRow("conversations", ada);
    const key: ["id", "tenant_id"] = ["id", "tenant_id"];
    const options = { query: "id, title", queriesForTable } as const;
    const update = buildUpdateFetcher(ada.client.from("conversations"), key, options);
    const renamed = await update({ id, tenant_id, title: "Renamed" });
    expect(renamed?.userQueryData).toEqual({ id, title: "Renamed" });
    const withKey = { ...options, stripPrimaryKeys: false };
    const settingKey = buildUpdateFetcher(ada.client.from("conversations"), key, withKey);
    await expect(settingKey({ id, tenant_id, title: "No" })).rejects.toMatchObject({
      code: "42501",
    });
    const bens = buildUpdateFetcher(ben.client.from("conversations"), key, options);
    await expect(bens({ id, tenant_id, title: "No" })).rejects.toMatchObject({ code: "PGRST116" });
  });

  test("upsert by a composite key first inserts and then updates", async () => {
    const message = await createRow("messages", ada);
    const rate = (rating: 1 | -1) =>
      buildUpsertFetcher(ada.client.from("feedback"), {
        query: "id, rating, user_id",
        queriesForTable,
        onConflict: "message_id,user_id",
      })([{ message_id: message.id, rating }]);
    const [made] = (await rate(1)) ?? expect.fail();
    const [changed] = (await rate(-1)) ?? expect.fail();
    expect(made?.userQueryData).toMatchObject({ rating: 1, user_id: ada.id });
    expect(changed?.userQueryData).toEqual({ ...(made?.userQueryData as object), rating: -1 });
  });

  test("upsert of documents by id does not change another account's documents", async () => {
    const upsertAs = ({ client }: Member, content: string) =>
      buildUpsertFetcher(client.from("embeddings"), {
        query: "id, content, user_id",
        queriesForTable,
        onConflict: "id,owner_id",
      })([{ id: `shared-${chats[0]?.id}`, content, embedding: vector(1) }]);
    await upsertAs(ben, "Ben's");
    await upsertAs(ada, "Ada's first");
    const [row] = (await upsertAs(ada, "Ada's")) ?? expect.fail();
    expect(row?.userQueryData).toMatchObject({ content: "Ada's", user_id: ada.account });
    const { data } = await ben.client
      .from("embeddings")
      .select("content")
      .eq("id", `shared-${chats[0]?.id}`);
    expect(data).toEqual([{ content: "Ben's" }]);
  });

  test("delete removes the rows of its composite keys, but not another tenant's", async () => {
    const rows = await Promise.all([
      createRow("conversations", ada),
      createRow("conversations", ada),
    ]);
    const deleteAs = ({ client }: Member) =>
      buildDeleteFetcher(client.from("conversations"), ["id", "tenant_id"], {
        query: "title",
        queriesForTable,
      })(rows.map(({ id, tenant_id }) => ({ id, tenant_id })));
    const left = () =>
      serviceClient().from("conversations").select("id").in("id", idsOf(rows)).order("id");
    expect(await deleteAs(ben)).toEqual([]);
    expect((await left()).data).toHaveLength(2);
    expect(await deleteAs(ada)).toHaveLength(2);
    expect((await left()).data).toEqual([]);
  });
});
