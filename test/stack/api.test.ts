import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { createMember, createTenant, type Member, PASSWORD } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";

/** The tables and functions that the tests of the stack need, which no migration creates. */
const tables = `
  drop table if exists public.probe_ungranted, public.probe_vectors;
  create table public.probe_ungranted (id int primary key);
  alter table public.probe_ungranted enable row level security;
  create policy probe on public.probe_ungranted to authenticated using (true);
  create table public.probe_vectors (id int primary key, v extensions.vector(3));
  grant select, insert, update on public.probe_vectors to authenticated;
  create or replace function public.probe_vector(v extensions.vector(3)) returns text
  language sql set search_path = '' as $$ select v::text $$;
  grant execute on function public.probe_vector to authenticated;
  create or replace function public.probe_json(v jsonb) returns text
  language sql stable set search_path = '' as $$ select v::text $$;
  grant execute on function public.probe_json to authenticated;
  notify pgrst, 'reload schema';`;

let ada: Member;
let untyped: SupabaseClient;

beforeAll(async () => {
  await asOwner().unsafe(tables).simple();
  ada = await createMember(await createTenant());
  untyped = ada.client as unknown as SupabaseClient;
});

afterAll(async () => {
  await asOwner()
    .unsafe(
      `drop table public.probe_ungranted, public.probe_vectors;
       drop function public.probe_vector, public.probe_json;`,
    )
    .simple();
});

describe("grants are enforced", () => {
  test("a table without grants returns 42501, even if its policy permits everything", async () => {
    for (const client of [untyped, serviceClient() as unknown as SupabaseClient]) {
      const { error } = await client.from("probe_ungranted").select();
      expect(error?.code).toBe("42501");
    }
  });

  test("no request has granted a privilege to a role", async () => {
    const granted = await asOwner()`
      select grantee from information_schema.role_table_grants
      where table_name = 'probe_ungranted'
        and grantee in ('PUBLIC', 'anon', 'authenticated', 'service_role')`;
    expect(granted).toEqual([]);
    const [defaults] = await asOwner()`select count(*)::int as n from pg_default_acl`;
    expect(defaults?.n).toBe(0);
  });

  test("a table with a grant can be read", async () => {
    expect((await untyped.from("probe_vectors").select()).error).toBeNull();
  });
});

describe("the API accepts vectors, same as PostgREST", () => {
  test.each([
    ["an array", [1, 2.5, -3]],
    ["a string", "[1,2.5,-3]"],
  ])("as %s in an insert, an update and a call", async (_, v) => {
    const id = typeof v === "string" ? 1 : 2;
    const inserted = await untyped.from("probe_vectors").insert({ id, v }).select();
    expect([inserted.error, inserted.data]).toEqual([null, [{ id, v: expect.anything() }]]);
    const updated = await untyped.from("probe_vectors").update({ v }).eq("id", id);
    expect(updated.error).toBeNull();
    const { data } = await untyped.from("probe_vectors").select("v").eq("id", id).single();
    expect(data?.v).toBe("[1,2.5,-3]");
    expect((await untyped.rpc("probe_vector", { v })).data).toBe("[1,2.5,-3]");
  });

  test("except an array that is not a vector, with the error of Postgres", async () => {
    const { error } = await untyped.from("probe_vectors").insert({ id: 3, v: [1, 2] });
    expect(error).toMatchObject({ code: "22000", message: "expected 3 dimensions, not 2" });
  });
});

describe("the API passes on JSON arguments, same as PostgREST", () => {
  test.each([
    ["an object", { a: [1, "x"] }],
    ["an array", [{ a: 1 }, "x"]],
    ["text", "x"],
    ["text that looks like an object", '{"a": 1}'],
    ["a number", 1.5],
    ["false", false],
  ])("%s", async (_, v) => {
    const { data, error } = await untyped.rpc("probe_json", { v });
    expect([error, JSON.parse(data)]).toEqual([null, v]);
  });

  test("null, as the null of SQL", async () => {
    expect(await untyped.rpc("probe_json", { v: null })).toMatchObject({ error: null, data: null });
  });

  test("JSON text in a GET", async () => {
    const { data } = await untyped.rpc("probe_json", { v: '{"a": 1}' }, { get: true });
    expect(JSON.parse(data)).toEqual({ a: 1 });
  });
});

describe("the API handles values of another type than their column, same as PostgREST", () => {
  test.each([
    ["a time", "tenants", { created_at: {} }, "22007"],
    ["a date", "usage_metrics", { date: [] }, "22007"],
    ["a boolean", "tenants", { is_active: { not: "true" } }, "22P02"],
    ["a number", "tenants", { max_tokens: {} }, "22P02"],
    ["a vector", "embeddings", { embedding: { 0: 1 } }, "22P02"],
  ])("an object or array for %s is refused", async (_name, table, values, code) => {
    const untypedService = serviceClient() as SupabaseClient;
    const { error } = await untypedService.from(table).update(values).not("created_at", "is", null);
    expect(error?.code).toBe(code);
  });

  test("an object for a text is stored as its JSON", async () => {
    const name = { given: "Ada" } as unknown as string;
    const changed = serviceClient().from("users").update({ name }).eq("id", ada.id);
    const { data } = await changed.select("name").single();
    expect(data).toEqual({ name: '{"given":"Ada"}' });
  });
});

describe("a filter compares with the exact text", () => {
  test.each(['"quoted"', 'half"', "null", "not_null", "true", "1.50", "0x10", " spaces ", "[1]"])(
    "%s",
    async (name) => {
      const { client, id } = await createMember(await createTenant());
      expect((await client.from("users").update({ name }).eq("id", id)).error).toBeNull();
      const equal = await client.from("users").select("name").eq("name", name);
      expect(equal).toMatchObject({ error: null, data: [{ name }] });
      const unequal = await client.from("users").select("name").not("name", "eq", name);
      expect(unequal).toMatchObject({ error: null, data: [] });
      const renamed = client.from("users").update({ name: "Renamed" }).eq("name", name);
      expect(await renamed.select("name")).toMatchObject({ data: [{ name: "Renamed" }] });
    },
  );

  test("in columns of other types, and in JSON", async () => {
    const preferences = { n: 1, text: "1" };
    const { client } = await createMember(await createTenant(), { preferences });
    const found = client.from("users").select("preferences").eq("is_active", true);
    const { data } = await found
      .gt("created_at", "2020-01-01T00:00:00+00:00")
      .eq("preferences->n", 1)
      .eq("preferences->>text", "1");
    expect(data).toEqual([{ preferences }]);
    expect((await untyped.from("users").select().eq("preferences->n", 2)).data).toEqual([]);
  });
});

describe("the API answers the same as PostgREST", () => {
  test("the page after the last row is empty, and one beyond it is out of range", async () => {
    const page = (offset: number) =>
      ada.client.from("tenants").select("id", { count: "exact" }).range(offset, offset);
    expect(await page(1)).toMatchObject({ status: 206, data: [], count: 1, error: null });
    expect(await page(2)).toMatchObject({ status: 416, error: { code: "PGRST103" } });
    const head = ada.client.from("tenants").select("id", { count: "exact", head: true });
    expect(await head.range(1, 1)).toMatchObject({ status: 206, count: 1, error: null });
  });

  test("numbers are numbers and times are ISO 8601", async () => {
    const { data } = await ada.client.from("tenants").select("temperature, created_at").single();
    expect(data?.temperature).toBe(0.7);
    expect(data?.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  });

  test("errors keep their SQLSTATE, detail and hint", async () => {
    const { error, status } = await serviceClient()
      .from("tenants")
      .insert({ name: " ", slug: "test-blank" });
    expect([status, error]).toEqual([
      400,
      expect.objectContaining({
        code: "23514",
        message: expect.stringMatching(/^new row for relation "tenants" violates check/),
        details: expect.stringContaining("Failing row"),
      }),
    ]);
  });
});

describe("the API writes the same as PostgREST", () => {
  test("null for a key that one of several rows leaves out, unless told otherwise", async () => {
    const rows = [{ title: "a", metadata: { a: 1 } }, { title: "b" }];
    const { error } = await ada.client.from("conversations").insert(rows);
    expect(error?.code).toBe("23502");
    const withDefaults = await ada.client
      .from("conversations")
      .insert(rows, { defaultToNull: false })
      .select("id");
    expect(withDefaults.data).toHaveLength(2);
    const alike = rows.map((row) => ({ metadata: {}, ...row }));
    expect((await ada.client.from("conversations").insert(alike).select()).data).toHaveLength(2);
    // A nullable column becomes null.
    const nullable = [{ title: "a" }, {}];
    const { data } = await ada.client.from("conversations").insert(nullable).select("title");
    expect(data).toEqual([{ title: "a" }, { title: null }]);
  });
});

describe("only the served schemas are visible", () => {
  test("embedding users returns public.users, not auth.users", async () => {
    const { data, error } = await ada.client.from("tenants").select("slug, users(*)").single();
    expect(error).toBeNull();
    expect(data?.users).toEqual([expect.objectContaining({ id: ada.id, email: ada.email })]);
  });

  test("a column of auth.users is not a column of public.users", async () => {
    const { error } = await untyped.from("users").select("encrypted_password");
    expect(error?.code).toBe("42703");
  });
});

test("concurrent callers each get their own answers", async () => {
  const members = await Promise.all(
    Array.from({ length: 4 }, async () => createMember(await createTenant())),
  );
  const asked = members.flatMap((member) =>
    Array.from({ length: 25 }, async () => {
      const { data } = await member.client.from("tenants").select("id");
      expect(data).toEqual([{ id: member.tenant_id }]);
    }),
  );
  await Promise.all(asked);
  expect((await anonClient().from("tenants").select()).error?.code).toBe("42501");
});

describe("a page of another origin can", () => {
  const origin = "http://127.0.0.1:5173";
  const ask = (path: string, method: string, init: RequestInit = {}) =>
    fetch(`${inject("stack").API_URL}${path}`, {
      method,
      ...init,
      headers: { origin, apikey: inject("stack").PUBLISHABLE_KEY, ...init.headers },
    });

  const headers = "apikey,authorization,content-type,x-client-info,x-supabase-api-version";
  const paths = ["/auth/v1/token?grant_type=password", "/auth/v1/logout", "/rest/v1/messages"];
  test.each(paths)("send the headers of supabase-js to %s", async (path) => {
    const answer = await ask(path, "OPTIONS", {
      headers: {
        "access-control-request-method": "POST",
        "access-control-request-headers": headers,
      },
    });
    expect(answer.ok).toBe(true);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(answer.headers.get("access-control-allow-headers")).toBe(headers);
    expect(answer.headers.get("access-control-allow-methods")).toContain("POST");
  });

  test("read the answer to a successful and to a refused sign-in", async () => {
    const signIn = (password: string) =>
      ask("/auth/v1/token?grant_type=password", "POST", {
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ email: ada.email, password }),
      });
    const answers = [await signIn(PASSWORD), await signIn("wrong")];
    expect(answers.map(({ status }) => status)).toEqual([200, 400]);
    for (const answer of answers) {
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    }
  });
});
