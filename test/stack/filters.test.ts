import { join } from "node:path";
import type { SupabaseClient } from "@supabase/supabase-js";
import { execa } from "execa";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { packageRoot, readSettings } from "../../scripts/project/settings.ts";
import { startApi } from "../../scripts/stack/api/api.ts";
import { createMember, createTenant } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

/** The filters of supabase-js, whose own types are too deep for parameters. */
interface Query extends PromiseLike<{ data: unknown; error: Error | null }> {
  eq(column: string, value: unknown): Query;
  neq(column: string, value: unknown): Query;
  gt(column: string, value: unknown): Query;
  lt(column: string, value: unknown): Query;
  not(column: string, operator: string, value: unknown): Query;
  filter(column: string, operator: string, value: unknown): Query;
  ilike(column: string, pattern: string): Query;
  contains(column: string, value: unknown): Query;
  in(column: string, values: unknown[]): Query;
  or(filters: string): Query;
}

const client = () => serviceClient() as unknown as SupabaseClient;

const all = [1, 2, 3, 4, 5];

beforeAll(async () => {
  await asOwner()
    .unsafe(
      `drop table if exists public.probe_filters;
       create table public.probe_filters (id int primary key, note text, tags text[], about jsonb);
       grant select, update, delete, insert on public.probe_filters to service_role;
       notify pgrst, 'reload schema';`,
    )
    .simple();
});

beforeEach(async () => {
  await asOwner()`delete from public.probe_filters`;
  await asOwner()`
    insert into public.probe_filters values
      (1, 'a b', '{x,y}', '{"a": "1, 2", "b": [3]}'), (2, 'a', '{x}', '{"a": "1, 2"}'),
      (3, 'b', '{y}', '{"b": [3]}'), (4, 'a, "b"', '{}', '{}'), (5, null, null, null)`;
});

afterAll(async () => {
  await asOwner()`drop table public.probe_filters`;
});

async function stored(): Promise<number[]> {
  const rows = await asOwner()<{ id: number }[]>`select id from public.probe_filters order by id`;
  return rows.map(({ id }) => id);
}

/** Sends a request that supabase-js would not send, with any path, verb and query. */
async function ask(method: string, path: string) {
  const { API_URL, SECRET_KEY } = inject("stack");
  const headers = { apikey: SECRET_KEY, authorization: `Bearer ${SECRET_KEY}` };
  const answer = await fetch(`${API_URL}${path}`, { method, headers });
  return { status: answer.status, text: await answer.text() };
}

describe("filters of one kind on one column are all applied", () => {
  const filtered = () =>
    client().from("probe_filters").select("id").order("id") as unknown as Query;

  test.each<[string, (query: Query) => Query, number[]]>([
    ["neq", (query) => query.neq("id", 1).neq("id", 2), [3, 4, 5]],
    ["three of them", (query) => query.neq("id", 1).neq("id", 2).neq("id", 3), [4, 5]],
    ["not", (query) => query.not("id", "eq", 1).not("id", "gt", 3), [2, 3]],
    ["not in", (query) => query.not("id", "in", "(1,2)").not("id", "in", "(3)"), [4, 5]],
    ["ilike", (query) => query.ilike("note", "%A%").ilike("note", "%b%"), [1, 4]],
    ["ilike, with a comma", (query) => query.ilike("note", "%a,%").ilike("note", "%b%"), [4]],
    ["ilike, the comma last", (query) => query.ilike("note", "%b%").ilike("note", "%a,%"), [4]],
    ["neq, with quotes", (query) => query.neq("note", 'a, "b"').neq("note", "a"), [1, 3]],
    ["contains", (query) => query.contains("tags", ["x"]).contains("tags", ["y"]), [1]],
    ["in", (query) => query.in("note", ["a", 'a, "b"']).in("note", ["a", "b"]), [2]],
    [
      "contains, of JSON",
      (query) => query.contains("about", { a: "1, 2" }).contains("about", { b: [3] }),
      [1],
    ],
    ["or", (query) => query.or("id.eq.1,id.eq.2").or("id.eq.2,id.eq.3"), [2]],
    ["or, nested", (query) => query.or("id.eq.1,and(id.gt.3,id.lt.5)").or("id.gt.1"), [4]],
    ["a quoted name", (query) => query.neq("id", 1).filter('"id"', "neq", "2"), [3, 4, 5]],
    [
      "or, with brackets in quotes",
      (query) => query.or("id.eq.1,id.eq.2").or('note.eq."a)",id.eq.2'),
      [2],
    ],
    [
      "like, with a space at the end",
      (query) => query.filter("note", "like", "%b%").filter("note", "like", "% "),
      [],
    ],
    ["in, of prices", (query) => query.or("note.in.($1.50,a),id.eq.9").or("id.gt.0"), [2]],
    ["two kinds", (query) => query.gt("id", 1).lt("id", 4), [2, 3]],
  ])("%s", async (_name, narrow, expected) => {
    const { data, error } = await narrow(filtered());
    expect(error).toBeNull();
    expect((data as { id: number }[]).map(({ id }) => id)).toEqual(expected);
  });

  test.each([
    ["not.or=(id.eq.1,id.eq.2)&not.or=(id.eq.3)", [4, 5]],
    ["not.or=(id.eq.1,id.eq.2)&not.and=(id.gt.3,id.lt.5)", [3, 5]],
  ])("%s", async (query, expected) => {
    const { text } = await ask("GET", `/rest/v1/probe_filters?select=id&order=id&${query}`);
    expect(JSON.parse(text).map(({ id }: { id: number }) => id)).toEqual(expected);
  });

  test("in a delete and an update", async () => {
    const updated = client().from("probe_filters").update({ note: "changed" });
    expect((await updated.gt("id", 4).gt("id", 0)).error).toBeNull();
    expect(
      (await client().from("probe_filters").delete().neq("id", 1).neq("id", 2)).error,
    ).toBeNull();
    expect(await stored()).toEqual([1, 2]);
    expect((await filtered().eq("note", "changed")).data).toEqual([]);
  });

  test("on embedded rows", async () => {
    const ada = await createMember(await createTenant());
    const { conversation_id } = await createRow("messages", ada, { content: "a" });
    for (const content of ["b", "c"])
      await createRow("messages", ada, { content, conversation_id });
    const { data } = await ada.client
      .from("conversations")
      .select("id, messages(content)")
      .neq("messages.content", "a")
      .neq("messages.content", "b");
    expect(data).toEqual([{ id: conversation_id, messages: [{ content: "c" }] }]);
    const or = await ada.client
      .from("conversations")
      .select("id, messages(content)")
      .or("content.eq.a,content.eq.b", { referencedTable: "messages" })
      .or("content.eq.b,content.eq.c", { referencedTable: "messages" });
    expect(or.data).toEqual([{ id: conversation_id, messages: [{ content: "b" }] }]);
  });

  test("or refused, where and=(…) cannot express them", async () => {
    const { error } = await filtered().ilike("note", "%a,%").ilike("note", "%,%");
    expect(error).toMatchObject({ code: "PGRST100" });
    expect(error?.message).toContain("note=ilike.%,%");
  });
});

describe("a name that the library reserves is not a column", () => {
  const columns = ["__proto__", "constructor", "toString", "$always", "$or"];
  const forms = (name: string) => [
    `${name}=neq.x`,
    `"${name}"=neq.x`,
    `${name}::text=neq.x`,
    `${name}!inner=neq.x`,
    `probe_filters.${name}=neq.x`,
    `"${name}(x.y)"=neq.x`,
    `${name}.limit=1`,
    `and=(${name}.neq.x)`,
    `and=(${name}(x).neq.x)`,
    `or=(id.eq.0,${name}!"a".neq.x)`,
    `or=(id.eq.0,${name}.neq.x)`,
  ];

  test.each(columns.flatMap(forms))("%s", async (query) => {
    for (const path of ["/rest/v1", "/%72est/v1", "//rest/v1"]) {
      const { status, text } = await ask("DELETE", `${path}/probe_filters?${query}`);
      expect([400, 404]).toContain(status);
      if (path === "/rest/v1") {
        expect(JSON.parse(text)).toMatchObject({
          code: "42703",
          message: expect.stringMatching(/^column probe_filters\.[\w$]+ does not exist$/),
        });
      }
    }
    expect(await stored()).toEqual(all);
  });

  test("but it can be a JSON key and a value", async () => {
    const ada = await createMember(await createTenant());
    const { id } = await createRow("conversations", ada, {
      metadata: { constructor: "$always", $or: "__proto__" },
    });
    const found = ada.client.from("conversations").select("id");
    const filters = found.eq("metadata->>constructor", "$always").eq("metadata->>$or", "__proto__");
    expect((await filters).data).toEqual([{ id }]);
  });

  test("and no request can change the prototype of all objects in a hardened process", async () => {
    const harden = join(packageRoot, "scripts/stack/api/harden-process.ts");
    const program = `
      import { hardenProcess } from ${JSON.stringify(harden)};
      const shared = [Object.prototype, Object, Object.prototype.toString];
      const before = shared.map(Object.isExtensible);
      hardenProcess();
      console.log(JSON.stringify([before, shared.map(Object.isExtensible)]));`;
    const args = ["--import", "tsx", "--input-type=module", "--eval", program];
    const { stdout } = await execa("node", args, { cwd: packageRoot });
    expect(JSON.parse(stdout)).toEqual([
      [true, true, true],
      [false, false, false],
    ]);
  });

  test("and starting the API does not change its process", async () => {
    const { error } = console;
    const api = await startApi({ ...readSettings(), apiPort: 0 });
    await api.close();
    expect(console.error).toBe(error);
    expect(Object.isExtensible(Object.prototype)).toBe(true);
  });
});
