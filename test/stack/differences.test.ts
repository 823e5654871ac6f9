// Pins what docs/local-stack.md says about the local API. When @supabase/lite fixes a difference, its
// test fails: then remove the row from the page, and the test.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { asOwner } from "../support/clients.ts";

const drop = `
  drop function if exists public.probe_touch_all(), public.probe_one_text(text),
    public.probe_one_json(jsonb), public.probe_list();
  drop materialized view if exists public.probe_joined;
  drop table if exists public.probe_pages, public.probe_covers, public.probe_books,
    public.probe_authors, public.probe_texts, public.probe_keyed cascade;`;

const create = `
  create table public.probe_authors (id int primary key, name text);
  create table public.probe_books (
    id int, edition int, author_id int references public.probe_authors, primary key (id, edition)
  );
  create table public.probe_covers (
    id int primary key,
    book_id int,
    edition int,
    unique (book_id, edition),
    foreign key (book_id, edition) references public.probe_books
  );
  create table public.probe_pages (id int primary key, author_id int references public.probe_authors);
  create materialized view public.probe_joined as
    select p.id, p.author_id, a.name
    from public.probe_pages p join public.probe_authors a on a.id = p.author_id;
  create function public.probe_initial(public.probe_authors) returns text
  language sql stable set search_path = '' as $$ select left($1.name, 1) $$;
  create table public.probe_texts (
    id int primary key, t text, about jsonb, n numeric, at timestamptz, filled text default 'default'
  );
  create table public.probe_keyed (id int primary key, note text);
  create function public.probe_touch_all() returns void
  language sql set search_path = '' as $$ update public.probe_keyed set note = 'touched' $$;
  create function public.probe_one_text(p text) returns text
  language sql stable set search_path = '' as $$ select p $$;
  create function public.probe_one_json(p jsonb) returns text
  language sql stable set search_path = '' as $$ select jsonb_typeof(p) $$;
  create function public.probe_list() returns setof public.probe_authors
  language sql stable set search_path = '' as $$ select * from public.probe_authors $$;
  grant select, insert, update, delete on public.probe_authors, public.probe_books,
    public.probe_covers, public.probe_pages, public.probe_texts to service_role;
  grant select on public.probe_joined to service_role;
  grant select, insert, update (note) on public.probe_keyed to service_role;
  grant execute on function public.probe_touch_all, public.probe_one_text, public.probe_one_json,
    public.probe_list, public.probe_initial to service_role;
  notify pgrst, 'reload schema';`;

beforeAll(async () => {
  await asOwner().unsafe(`${drop} ${create}`).simple();
});

beforeEach(async () => {
  await asOwner()
    .unsafe(
      `truncate public.probe_pages, public.probe_covers, public.probe_books, public.probe_authors,
         public.probe_texts, public.probe_keyed;
       insert into public.probe_authors values (1, 'Ada'), (2, 'Ben'), (3, 'Cem');
       insert into public.probe_books values (1, 1, 1), (2, 1, 2);
       insert into public.probe_covers values (1, 1, 1);
       insert into public.probe_pages values (1, 1), (2, 2);
       insert into public.probe_keyed values (1, 'old');
       insert into public.probe_texts (id, t, about) values
         (1, '1.10', '{"a": "xy"}'), (2, '1.1', '{"a": "x"}'), (3, 'null', null), (4, '{a}', null),
         (5, 'a"b', null), (6, 'ab', null), (7, 'true', null), (8, '"ab"', null);`,
    )
    .simple();
});

afterAll(async () => {
  await asOwner().unsafe(drop).simple();
});

interface Sent {
  body?: string;
  prefer?: string;
}

/** Sends a request with the secret key, and returns what a client sees of the answer. */
async function ask(method: string, path: string, { body, prefer }: Sent = {}) {
  const headers = {
    apikey: inject("stack").SECRET_KEY,
    "content-type": "application/json",
    ...(prefer && { prefer }),
  };
  const init = { method, headers, ...(body !== undefined && { body }) };
  const url = `${inject("stack").API_URL}${path.startsWith("/") ? path : `/rest/v1/${path}`}`;
  const answer = await fetch(url, init);
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") && text !== "";
  return {
    status: answer.status,
    headers: answer.headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

const get = async (path: string) => (await ask("GET", path)).body;

/** Returns the ids of the rows of probe_texts that match a filter. */
const idsOf = async (filter: string) => {
  const rows = await get(`probe_texts?select=id&order=id&${filter}`);
  return Array.isArray(rows) ? rows.map(({ id }) => id) : rows.code;
};

/** Encodes a value for the query. */
const q = encodeURIComponent;

/** Each row of the tables by its first cell, with tests of what the local API does. */
const rows: Record<string, Record<string, () => Promise<void>>> = {
  "an upsert whose row has columns of the key that the caller may not update": {
    "is accepted": async () => {
      const { status } = await ask("POST", "probe_keyed?on_conflict=id", {
        body: '{"id": 1, "note": "new"}',
        prefer: "resolution=merge-duplicates",
      });
      expect(status).toBe(200);
      const updated = await ask("PATCH", "probe_keyed?id=eq.1", { body: '{"id": 1}' });
      expect(updated.body.code).toBe("42501");
    },
  },
  "a function that updates or deletes without `where`, called by a request": {
    "is accepted": async () => {
      expect((await ask("POST", "rpc/probe_touch_all", { body: "{}" })).status).toBe(204);
      expect(await get("probe_keyed")).toEqual([{ id: 1, note: "touched" }]);
    },
  },
  "`auth.admin.*`, Realtime, Storage, Edge Functions": {
    "do not exist": async () => {
      const paths = ["/auth/v1/admin/users", "/storage/v1/bucket", "/realtime/v1/api"];
      for (const path of [...paths, "/functions/v1/probe"]) {
        expect([path, (await ask("GET", path)).status < 400]).toEqual([path, false]);
      }
      expect((await ask("GET", "/auth/v1/settings")).status).toBe(200);
    },
  },
  "`insert({})` without columns": {
    "is a syntax error": async () => {
      const { body } = await ask("POST", "probe_texts", { body: "{}" });
      expect(body.code).toBe("42601");
    },
  },
  "`rpc(fn, args, { head: true })` of a function that returns one value; `{ get: true }` with `or()` or JSON arrays":
    {
      "fails for one value, and not for rows": async () => {
        expect((await ask("HEAD", "rpc/probe_one_text?p=a")).status).toBe(400);
        expect((await ask("HEAD", "rpc/probe_list")).status).toBe(200);
      },
      "fails with or()": async () => {
        const { body } = await ask("GET", "rpc/probe_list?or=(id.eq.1,id.eq.2)");
        expect(body.code).toBe("PGRST202");
      },
      "passes a JSON array as text": async () => {
        expect(await get("rpc/probe_one_json?p=[1]")).toBe("string");
        expect(await get(`rpc/probe_one_json?p=${q('{"a": 1}')}`)).toBe("object");
      },
    },
  "an embed of a view or materialized view with a join": {
    fails: async () => {
      const { body } = await ask("GET", "probe_joined?select=id,probe_authors(name)");
      expect(body.code).toBe("PGRST200");
    },
  },
  "a one-to-one embed by a key of two columns that is not the primary key": {
    "is an array": async () => {
      const books = await get("probe_books?select=id,probe_covers(id)&id=eq.1");
      expect(books).toEqual([{ id: 1, probe_covers: [{ id: 1 }] }]);
    },
  },
  "an embed in a spread (`...authors(name, books(*))`)": {
    "is missing": async () => {
      const pages = await get(
        "probe_pages?select=id,...probe_authors(name,probe_books(id))&id=eq.1",
      );
      expect(pages).toEqual([{ id: 1, name: "Ada" }]);
    },
  },
  "a computed column with an alias, or in `order` without being selected": {
    "fails with an alias": async () => {
      const { body } = await ask("GET", "probe_authors?select=first:probe_initial");
      expect(body.code).toBe("42703");
    },
    "fails in order, unless it is selected": async () => {
      const { body } = await ask("GET", "probe_authors?select=id&order=probe_initial");
      expect(body.code).toBe("42703");
      const selected = await get("probe_authors?select=probe_initial&order=probe_initial.desc");
      expect(selected[0]).toEqual({ probe_initial: "C" });
    },
  },
  '`count: "estimated"`': {
    "is the planner's estimate": async () => {
      const counted = async (count: string) => {
        const answer = await ask("GET", "probe_authors?select=id", { prefer: `count=${count}` });
        return answer.headers.get("content-range");
      };
      expect(await counted("estimated")).toBe(await counted("planned"));
      expect(await counted("exact")).toBe("0-2/3");
      expect(await counted("estimated")).not.toBe("0-2/3");
    },
  },
  "a number with more digits than a JavaScript number, also inside JSON": {
    "loses digits": async () => {
      const digits = "12345678901234567891";
      await ask("PATCH", "probe_texts?id=eq.1", {
        body: `{"n": ${digits}, "about": {"n": ${digits}}}`,
      });
      const [row] = await asOwner()`
        select n::text, about ->> 'n' as inside from public.probe_texts where id = 1`;
      expect(row).toEqual({ n: "12345678901234567000", inside: "12345678901234567000" });
    },
  },
  "half an emoji (`\\ud83d`)": {
    "becomes \\ufffd": async () => {
      await ask("PATCH", "probe_texts?id=eq.1", { body: '{"t": "\\ud83d"}' });
      expect(await get("probe_texts?select=t&id=eq.1")).toEqual([{ t: "\ufffd" }]);
    },
  },
  "two filters of the same kind on a column, both with a quote; or, except in the lists of `in`, both with a comma, a bracket or a backslash":
    {
      "are refused": async () => {
        for (const mark of ['"', ",", "(", "\\"]) {
          const one = q(`like.%${mark}a%`);
          const two = q(`like.%${mark}b%`);
          expect([mark, await idsOf(`t=${one}&t=${two}`)]).toEqual([mark, "PGRST100"]);
        }
        expect(await idsOf('t=not.in.("1.10","null")&t=not.in.("1.1","{a}","true")')).toEqual([
          5, 6, 8,
        ]);
      },
    },
  "two filters of the same kind in a GET call of a function, or on an embed by its alias and by its table":
    {
      "only the last one counts in a call": async () => {
        const found = await get("rpc/probe_list?id=neq.1&id=neq.2&select=id&order=id");
        expect(found).toEqual([{ id: 1 }, { id: 3 }]);
      },
      "only the one by the alias counts on an embed": async () => {
        const path = "probe_authors?select=id,p:probe_pages(id)&id=eq.1";
        const filters = "&p.id=gt.0&probe_pages.id=gt.1";
        expect(await get(`${path}${filters}`)).toEqual([{ id: 1, p: [{ id: 1 }] }]);
      },
    },
  "a filter on a spread embed (`...authors(name)`)": {
    "is ignored": async () => {
      const path = "probe_pages?select=id,...probe_authors(name)&probe_authors.name=eq.Ben&id=eq.1";
      expect(await get(path)).toEqual([{ id: 1, name: "Ada" }]);
    },
  },
  "`match`, `like(any)` or `cs` on a JSON key (`->>`)": {
    "behaves as eq": async () => {
      expect(await idsOf("about->>a=match.^x")).toEqual([]);
      expect(await idsOf("about->>a=match.x")).toEqual([2]);
      expect(await idsOf("about->>a=like(any).{x%25}")).toEqual([]);
      expect(await idsOf("about->>a=cs.x")).toEqual([2]);
    },
  },
  '`1.10`, `null` or `{"$ref": …}` in a list of `in`, or with PostgREST\'s operator `match` (a regular expression)':
    {
      "are compared as a number": async () => {
        expect([await idsOf("t=in.(1.10)"), await idsOf('t=in.("1.10")')]).toEqual([[2], [1]]);
        expect(await idsOf("t=match.1.10")).toEqual([1, 2]);
      },
      "are SQL's null": async () => {
        expect([await idsOf("t=in.(null)"), await idsOf('t=in.("null")')]).toEqual([[], [3]]);
        expect(await idsOf("t=match.null")).toEqual([]);
      },
      "are query syntax": async () => {
        expect(await idsOf(`t=match.${q('{"$ref":"id"}')}`)).toBe("SUP");
      },
    },
  "`eq.{a}`": {
    "compares with an array": async () => {
      expect([await idsOf("t=eq.{a}"), await idsOf('t=in.("{a}")')]).toEqual([[], [4]]);
    },
  },
  "`*` in `like(any)` and `like(all)`": {
    "is no wildcard": async () => {
      expect(await idsOf("t=like(any).{a*}")).toEqual([]);
      expect(await idsOf("t=like(any).{a%25}")).toEqual([5, 6]);
      expect([await idsOf("t=like(all).{a*}"), await idsOf("t=like.a*")]).toEqual([[], [5, 6]]);
    },
  },
  "quotes and backslashes in `or=(…)`": {
    "backslashes are part of the value": async () => {
      expect(await idsOf(`or=(t.eq.${q('"a\\"b"')},id.eq.9)`)).toEqual([]);
    },
    "quotes are part of the pattern of like": async () => {
      expect(await idsOf('or=(t.like."a*",id.eq.9)')).toEqual([8]);
      expect(await idsOf("or=(t.like.a*,id.eq.9)")).toEqual([5, 6]);
    },
    "values without quotes are not text": async () => {
      expect([
        await idsOf("or=(t.eq.null,id.eq.9)"),
        await idsOf('or=(t.eq."null",id.eq.9)'),
      ]).toEqual([[], [3]]);
      expect(await idsOf("or=(t.eq.true,id.eq.9)")).toBe("42883");
      expect(await idsOf("or=(t.eq.1.10,id.eq.9)")).toEqual([2]);
    },
  },
  "an unclosed quote or an unclosed bracket in `or=(…)`": {
    "makes the rest part of the value": async () => {
      expect(await idsOf('or=(t.eq."ab,id.eq.1)')).toEqual([]);
      expect(await idsOf("or=(t.eq.(ab,id.eq.1)")).toEqual([]);
      expect(await idsOf("or=(t.eq.ab,id.eq.1)")).toEqual([1, 6]);
    },
  },
  "a test in `or=(…)` whether an embed is null": {
    fails: async () => {
      const path = "probe_authors?select=id,probe_pages(id)&order=id";
      const { body } = await ask("GET", `${path}&or=(probe_pages.is.null,id.eq.1)`);
      expect(body.code).toBe("42703");
      expect(await get(`${path}&probe_pages=is.null`)).toEqual([{ id: 3, probe_pages: [] }]);
    },
  },
  "`Prefer: tx=rollback`, `Prefer: timezone`": {
    "tx=rollback is acknowledged and ignored": async () => {
      const { headers } = await ask("POST", "probe_texts", {
        body: '{"id": 20}',
        prefer: "tx=rollback",
      });
      expect(headers.get("preference-applied")).toBe("tx=rollback");
      expect(await idsOf("id=eq.20")).toEqual([20]);
    },
    "timezone is ignored": async () => {
      await ask("PATCH", "probe_texts?id=eq.1", { body: '{"at": "2026-01-01T00:00:00+00:00"}' });
      const { body } = await ask("GET", "probe_texts?select=at&id=eq.1", {
        prefer: "timezone=Europe/Berlin",
      });
      expect(body).toEqual([{ at: "2026-01-01T00:00:00+00:00" }]);
    },
  },
};

describe.each(Object.entries(rows))("%s", (_, cases) => {
  test.each(Object.entries(cases))("%s", async (_name, check) => {
    await check();
  });
});

describe("answers differ although the stored rows are the same:", () => {
  const stored = async (id: number) => {
    const [row] = await asOwner()`select filled from public.probe_texts where id = ${id}`;
    return row?.filled;
  };

  test("a bulk insert without `missing=null` returns null for a default", async () => {
    const { body } = await ask("POST", "probe_texts?columns=id,filled", {
      body: '[{"id": 20, "filled": "x"}, {"id": 21}]',
      prefer: "return=representation,missing=default",
    });
    expect([body[1].filled, await stored(21)]).toEqual([null, "default"]);
  });

  test("an insert that embeds without selecting the key returns a Location without the key", async () => {
    const { headers } = await ask("POST", "probe_authors?select=name,probe_pages(id)", {
      body: '{"id": 20, "name": "Dan"}',
      prefer: "return=representation",
    });
    expect(headers.get("location")).toBe("/probe_authors?id=eq.undefined");
  });

  test("an upsert that ignores all rows returns 201", async () => {
    const { status } = await ask("POST", "probe_texts?on_conflict=id", {
      body: '[{"id": 1}]',
      prefer: "resolution=ignore-duplicates",
    });
    expect(status).toBe(201);
  });
});

test("the page has these rows and no others", () => {
  const page = readFileSync(new URL("../../docs/local-stack.md", import.meta.url), "utf8");
  const [, tables = ""] = /\n### Works locally(.*?)\n## /s.exec(page) ?? [];
  const cells = [...tables.matchAll(/^\| (.*?) +\| /gm)].map(([, cell]) => cell);
  const headings = new Set(["what you write"]);
  expect(cells.filter((cell) => !headings.has(cell ?? "") && !/^-+$/.test(cell ?? ""))).toEqual(
    Object.keys(rows),
  );
});
