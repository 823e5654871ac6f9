// Requests that PostgREST refuses, and @supabase/lite would answer.
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { asOwner } from "../support/clients.ts";

const drop = `
  drop function if exists public.probe_totals(), public.probe_recent(), public.probe_echo(text),
    public.probe_echo_number(numeric), public.probe_echo_list(text[]);
  drop table if exists public.probe_orders, public.probe_customers, public.probe_notes;`;

const create = `
  create table public.probe_customers (
    id int primary key, region text not null, name text, unique (id, region)
  );
  create table public.probe_orders (
    id int primary key,
    title text,
    customer_id int,
    region text,
    seller_id int references public.probe_customers,
    account uuid references auth.users,
    constraint probe_orders_customer_fkey foreign key (customer_id, region)
      references public.probe_customers (id, region)
  );
  create table public.probe_notes (id int primary key, note text);
  create function public.probe_totals() returns table (id int, total int)
  language sql stable set search_path = '' as $$ values (1, 9), (2, 3) $$;
  create function public.probe_recent() returns setof public.probe_orders
  language sql stable set search_path = '' as $$ select * from public.probe_orders $$;
  create function public.probe_echo(p text) returns text
  language sql stable set search_path = '' as $$ select coalesce(p, 'no text') $$;
  create function public.probe_echo_number(p numeric) returns text
  language sql stable set search_path = '' as $$ select p::text $$;
  create function public.probe_echo_list(p text[]) returns text
  language sql stable set search_path = '' as $$ select p::text $$;
  grant select, insert, update, delete on public.probe_customers, public.probe_orders
    to service_role;
  grant select on public.probe_notes to service_role;
  grant insert on public.probe_notes to anon;
  grant execute on function public.probe_totals, public.probe_recent, public.probe_echo,
    public.probe_echo_number, public.probe_echo_list to service_role;
  notify pgrst, 'reload schema';`;

beforeAll(async () => {
  await asOwner().unsafe(`${drop} ${create}`).simple();
});

beforeEach(async () => {
  await asOwner()`truncate public.probe_orders, public.probe_customers`;
  await asOwner()`insert into public.probe_customers values (1, 'north', 'Ada'), (2, 'north', 'Ben')`;
  await asOwner()`
    insert into public.probe_orders (id, title, customer_id, region, seller_id)
    values (1, 'b', 1, 'north', 2), (2, 'a', null, null, null)`;
});

afterAll(async () => {
  await asOwner().unsafe(drop).simple();
});

type Key = "SECRET_KEY" | "PUBLISHABLE_KEY";

/** Sends a request, and returns its status and its body, if it has one. */
async function ask(method: string, path: string, body?: string, key: Key = "SECRET_KEY") {
  const headers = { apikey: inject("stack")[key], "content-type": "application/json" };
  const init = { method, headers, ...(body !== undefined && { body }) };
  const answer = await fetch(`${inject("stack").API_URL}/rest/v1/${path}`, init);
  const text = await answer.text();
  return { status: answer.status, body: text === "" ? null : JSON.parse(text) };
}

async function expectRefusal(code: string, message: string, sent: ReturnType<typeof ask>) {
  expect(await sent).toMatchObject({ status: 400, body: { code, message } });
}

const stored = async () =>
  (await asOwner()`select id from public.probe_orders order by id`).map(({ id }) => id);

describe("an embed without a relationship is refused (PGRST200)", () => {
  test.each<[string, string, string, string]>([
    ["of two relations", "probe_orders?select=id,probe_notes(id)", "probe_orders", "probe_notes"],
    [
      "inside another embed",
      "probe_customers?select=id,probe_orders!seller_id(id,probe_notes(id))",
      "probe_orders",
      "probe_notes",
    ],
    [
      "of a function that returns a table",
      "rpc/probe_totals?select=id,probe_orders(id)",
      "probe_totals",
      "probe_orders",
    ],
    [
      "by one of the columns of a key",
      "probe_orders?select=id,probe_customers!customer_id(name)",
      "probe_orders",
      "probe_customers",
    ],
    [
      "by one of the columns of a key, from the other side",
      "probe_customers?select=id,probe_orders!customer_id(id)",
      "probe_customers",
      "probe_orders",
    ],
    [
      "by the name of one of the columns of a key",
      "probe_orders?select=id,customer_id(name)",
      "probe_orders",
      "customer_id",
    ],
    [
      "by one of the columns of a key, inside another embed",
      "probe_customers?select=id,probe_orders!seller_id(id,probe_customers!region(name))",
      "probe_orders",
      "probe_customers",
    ],
    ["over a key to auth.users", "probe_orders?select=id,users(id)", "probe_orders", "users"],
    [
      "over a key to auth.users, by its column",
      "probe_orders?select=id,users!account(id)",
      "probe_orders",
      "users",
    ],
    [
      "over a key to auth.users, by the name of its column",
      "probe_orders?select=id,account(id)",
      "probe_orders",
      "account",
    ],
  ])("%s", async (_name, path, parent, target) => {
    const message = `Could not find a relationship between '${parent}' and '${target}' in the schema cache`;
    await expectRefusal("PGRST200", message, ask("GET", path));
  });

  test.each<[string, string, unknown]>([
    [
      "by the name of a key with two columns",
      "probe_orders?select=id,probe_customers!probe_orders_customer_fkey(name)&id=eq.1",
      [{ id: 1, probe_customers: { name: "Ada" } }],
    ],
    [
      "by the column of a key with one column",
      "probe_orders?select=id,probe_customers!seller_id(name)&id=eq.1",
      [{ id: 1, probe_customers: { name: "Ben" } }],
    ],
    [
      "by the name of such a column",
      "probe_orders?select=id,seller_id(name)&id=eq.1",
      [{ id: 1, seller_id: { name: "Ben" } }],
    ],
    [
      "of a function that returns rows of a relation",
      "rpc/probe_recent?select=id,probe_customers!seller_id(name)&id=eq.1",
      [{ id: 1, probe_customers: { name: "Ben" } }],
    ],
    [
      "inside another embed",
      "probe_customers?select=id,probe_orders!seller_id(id,seller_id(name))&id=eq.2",
      [{ id: 2, probe_orders: [{ id: 1, seller_id: { name: "Ben" } }] }],
    ],
  ])("but not %s", async (_name, path, body) => {
    expect(await ask("GET", path)).toEqual({ status: 200, body });
  });
});

describe("an order by a column that a call does not select is refused (42703)", () => {
  test.each([
    ["probe_totals", "probe_totals.total"],
    ["probe_recent", "probe_orders.title"],
  ])("%s", async (called, column) => {
    const path = `rpc/${called}?select=id&order=${column.split(".")[1]}`;
    await expectRefusal("42703", `column ${column} does not exist`, ask("GET", path));
    await expectRefusal("42703", `column ${column} does not exist`, ask("POST", path, "{}"));
  });

  test.each([
    [
      "rpc/probe_totals?select=id,sum:total&order=total",
      [
        { id: 2, sum: 3 },
        { id: 1, sum: 9 },
      ],
    ],
    [
      "rpc/probe_totals?order=total",
      [
        { id: 2, total: 3 },
        { id: 1, total: 9 },
      ],
    ],
    ["rpc/probe_recent?select=*&order=title&limit=1", [expect.objectContaining({ id: 2 })]],
    ["probe_orders?select=id&order=title", [{ id: 2 }, { id: 1 }]],
  ])("but not %s", async (path, body) => {
    expect(await ask("GET", path)).toEqual({ status: 200, body });
  });
});

describe("a filter that PostgREST cannot read is refused (PGRST100)", () => {
  test.each(["title=eq", "title=not.eq", "title=like(any)", "or=(id.eq.9,and())", "and=()"])(
    "%s",
    async (query) => {
      const value = query.replace(/^\w+=/, "");
      for (const method of ["GET", "DELETE"]) {
        const { status, body } = await ask(method, `probe_orders?${query}`);
        expect([status, body.code]).toEqual([400, "PGRST100"]);
        expect(body.message).toContain(`(${value})`);
      }
      expect(await stored()).toEqual([1, 2]);
    },
  );

  test.each([
    ["title=eq.", []],
    ["title=not.eq.a", [{ id: 1 }]],
    ["title=like(any).{a}", [{ id: 2 }]],
    ['or=(id.eq.1,and(id.eq.2,title.eq.a),title.eq."and()")&order=id', [{ id: 1 }, { id: 2 }]],
  ])("but not %s", async (query, body) => {
    expect(await ask("GET", `probe_orders?select=id&${query}`)).toEqual({ status: 200, body });
  });
});

describe("an argument in the query of a call is a text", () => {
  test.each(["null", "true", "1.50", '"x"', "", "{a}", "[1]"])("%s", async (p) => {
    const path = `rpc/probe_echo?${new URLSearchParams({ p })}`;
    expect(await ask("GET", path)).toEqual({ status: 200, body: p });
  });

  test("which Postgres reads as the type of the parameter", async () => {
    expect(await ask("GET", "rpc/probe_echo_number?p=1.50")).toMatchObject({ body: "1.50" });
    expect(await ask("GET", "rpc/probe_echo_list?p={a,b}")).toMatchObject({ body: "{a,b}" });
    const { body } = await ask("GET", "rpc/probe_echo_number?p=null");
    expect(body.code).toBe("22P02");
  });

  test("unlike null in a body", async () => {
    const { body } = await ask("POST", "rpc/probe_echo", '{"p": null}');
    expect(body).toBe("no text");
  });
});

describe("an empty write needs a privilege (42501)", () => {
  test.each<[string, string, string, Key, number]>([
    ["an insert of no rows needs that to insert", "POST", "[]", "SECRET_KEY", 403],
    ["an update of no columns needs that to select", "PATCH", "{}", "PUBLISHABLE_KEY", 401],
  ])("%s", async (_name, method, body, key, status) => {
    const refused = await ask(method, "probe_notes", body, key);
    expect(refused).toMatchObject({ status, body: { code: "42501" } });
    const other = key === "SECRET_KEY" ? "PUBLISHABLE_KEY" : "SECRET_KEY";
    const accepted = await ask(method, "probe_notes", body, other);
    expect(accepted).toEqual({ status: method === "POST" ? 201 : 204, body: null });
  });
});

describe("a zero byte is refused", () => {
  const zero = '"a\\u0000b"';

  test.each([
    ["in an insert", "POST", "probe_orders", `{"id": 3, "title": ${zero}}`],
    ["in an update", "PATCH", "probe_orders?id=eq.1", `{"title": ${zero}}`],
    ["in an argument", "POST", "rpc/probe_echo", `{"p": ${zero}}`],
  ])("%s (22P05)", async (_name, method, path, body) => {
    await expectRefusal("22P05", "unsupported Unicode escape sequence", ask(method, path, body));
    const { status } = await ask(method, path, body.replace("\\u0000", ""));
    expect(status).toBeLessThan(300);
  });

  test("in a filter (22021)", async () => {
    const { body } = await ask("GET", "probe_orders?title=eq.a%00b");
    expect(body.code).toBe("22021");
    expect(await ask("GET", "probe_orders?title=eq.ab")).toEqual({ status: 200, body: [] });
  });
});
