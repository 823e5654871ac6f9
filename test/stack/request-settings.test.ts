// SQL reads the HTTP request in settings: https://docs.postgrest.org/en/v14/references/transactions.html
import { once } from "node:events";
import { type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";
import type { SupabaseClient } from "@supabase/supabase-js";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { createLogin } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";

/** Reads a header of the request in SQL. */
const header = (name: string) => `current_setting('request.headers', true)::json ->> '${name}'`;

const drop = `
  drop function if exists public.probe_header();
  drop view if exists public.probe_request;
  drop table if exists public.probe_parts, public.probe_things cascade;`;

/** The objects that a team may write: a view, policies, a computed column and a function. */
const create = `
  create view public.probe_request with (security_invoker = true) as select
    ${header("x-probe")} as header,
    current_setting('request.headers', true)::json as headers,
    current_setting('request.cookies', true)::json as cookies,
    current_setting('request.method', true) as method,
    current_setting('request.path', true) as path;

  create table public.probe_things (id int primary key, space text);
  alter table public.probe_things enable row level security;
  create policy probe_things on public.probe_things using (space = ${header("x-space")});

  create table public.probe_parts (id int primary key, thing_id int references public.probe_things);
  create function public.header(public.probe_parts) returns text
  language sql stable set search_path = '' as $$ select ${header("x-probe")} $$;

  create function public.probe_header() returns text
  language sql set search_path = '' as $$ select ${header("x-probe")} $$;

  grant select on public.probe_request, public.probe_parts to anon, authenticated, service_role;
  grant select, insert, update, delete on public.probe_things to anon, authenticated, service_role;
  grant execute on function public.header, public.probe_header
    to anon, authenticated, service_role;
  notify pgrst, 'reload schema';`;

beforeAll(async () => {
  await asOwner().unsafe(`${drop} ${create}`).simple();
});

beforeEach(async () => {
  await asOwner()`truncate public.probe_parts, public.probe_things`;
  await asOwner()`insert into public.probe_things values (1, 'red'), (2, 'blue')`;
  await asOwner()`insert into public.probe_parts values (1, 1), (2, 2)`;
});

afterAll(async () => {
  await asOwner().unsafe(drop).simple();
});

/** The roles with which a request reaches the database. */
const callers = {
  anon: async () => anonClient(),
  authenticated: async () => (await createLogin()).client,
  service_role: async () => serviceClient(),
};

type Role = keyof typeof callers;

const clientOf = async (role: Role) => (await callers[role]()) as unknown as SupabaseClient;

/** Requests that return the value of the header `x-probe`, or null when it is not sent. */
const requests = {
  view: (client: SupabaseClient) => client.from("probe_request").select("header"),
  "computed column": (client: SupabaseClient) =>
    client.from("probe_parts").select("header").eq("id", 1),
  embed: (client: SupabaseClient) =>
    client.from("probe_things").select("probe_parts(header)").eq("id", 1),
  call: (client: SupabaseClient) => client.rpc("probe_header"),
};

/** What each request returns when SQL reads this value of the header. */
const answers = (value: string | null) => ({
  view: [{ header: value }],
  "computed column": [{ header: value }],
  embed: [{ probe_parts: [{ header: value }] }],
  call: value,
});

type Kind = keyof typeof requests;

const kinds = Object.keys(requests) as Kind[];

/** Sends a request with a value for the header, or without the header. */
async function send(client: SupabaseClient, kind: Kind, value: string | null) {
  const query = requests[kind](client).setHeader("X-Space", "red");
  const { data } = await (value === null ? query : query.setHeader("X-Probe", value));
  return data;
}

describe.each(Object.keys(callers) as Role[])("a request of %s shows its header", (role) => {
  test.each(kinds)("in SQL: %s", async (kind) => {
    const client = await clientOf(role);
    for (const value of ["one", '{"two": "\\u0000"}']) {
      expect(await send(client, kind, value)).toEqual(answers(value)[kind]);
    }
  });
});

test("a request without the header does not see the header of another request", async () => {
  const clients = await Promise.all((Object.keys(callers) as Role[]).map(clientOf));
  const sent = Array.from({ length: 4 }, (_, n) =>
    clients.flatMap((client) =>
      kinds.map(async (kind, i) => {
        const value = (n + i) % 2 === 0 ? `value ${n} ${i}` : null;
        expect(await send(client, kind, value)).toEqual(answers(value)[kind]);
      }),
    ),
  );
  await Promise.all(sent.flat());
});

describe("a policy that reads a header", () => {
  const ids = async (client: SupabaseClient, space: string) => {
    const { data } = await client.from("probe_things").select("id").setHeader("X-Space", space);
    return data?.map(({ id }) => id);
  };

  test.each<Role>(["anon", "authenticated"])("shows %s the rows that it permits", async (role) => {
    const client = await clientOf(role);
    expect([await ids(client, "red"), await ids(client, "blue")]).toEqual([[1], [2]]);
    expect(await ids(client, "green")).toEqual([]);
  });

  test("decides on inserts, updates and deletes", async () => {
    const things = (await clientOf("authenticated")).from("probe_things");
    const insert = (space: string) =>
      things.insert({ id: 3, space: "red" }).setHeader("X-Space", space);
    expect((await insert("blue")).error?.code).toBe("42501");
    expect((await insert("red")).error).toBeNull();
    const update = (space: string) =>
      things.update({ id: 4 }).eq("id", 3).select("id").setHeader("X-Space", space);
    expect([(await update("blue")).data, (await update("red")).data]).toEqual([[], [{ id: 4 }]]);
    const remove = (space: string) =>
      things.delete().eq("id", 4).select("id").setHeader("X-Space", space);
    expect([(await remove("blue")).data, (await remove("red")).data]).toEqual([[], [{ id: 4 }]]);
  });
});

describe("SQL reads the request as it was sent", () => {
  /** Sends headers that `fetch` would merge or not send, and returns the row of the view. */
  async function read(headers: OutgoingHttpHeaders) {
    const { API_URL, PUBLISHABLE_KEY } = inject("stack");
    const sent = request(`${API_URL}/rest/v1/probe_request?select=*`, {
      headers: { apikey: PUBLISHABLE_KEY, ...headers },
    }).end();
    const [answer] = (await once(sent, "response")) as [IncomingMessage];
    return JSON.parse(await text(answer))[0];
  }

  test("its method, and its path without the prefix of the gateway", async () => {
    expect(await read({})).toMatchObject({ method: "GET", path: "/probe_request" });
  });

  test("its headers, with names in lower case", async () => {
    const { headers } = await read({ "X-Probe": "One", Origin: "http://a.example" });
    expect(headers).toMatchObject({ "x-probe": "One", origin: "http://a.example" });
  });

  test("the browser that a page runs in", async () => {
    const agent = "Mozilla/5.0 (a browser)";
    const { headers } = await read({ Origin: "http://a.example", "User-Agent": agent });
    expect(headers).toMatchObject({ "user-agent": agent });
  });

  test("the last of several headers with one name", async () => {
    const { headers } = await read({ "X-Probe": ["one", "two"] });
    expect(headers).toMatchObject({ "x-probe": "two" });
  });

  test("its cookies, apart from the headers", async () => {
    const { cookies, headers } = await read({ Cookie: "theme=dark; id=a=b" });
    expect(cookies).toEqual({ theme: "dark", id: "a=b" });
    expect(headers).not.toHaveProperty("cookie");
  });
});
