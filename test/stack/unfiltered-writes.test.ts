// Hosted Supabase loads the extension pg-safeupdate for the API.
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { createLogin } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { sign } from "../support/tokens.ts";
import { claimsOfLogin } from "../support/what-if.ts";

const drop = "drop table if exists public.probe_comments, public.probe_posts;";

beforeAll(async () => {
  await asOwner()
    .unsafe(
      `${drop}
       create table public.probe_posts (id int primary key, title text);
       create table public.probe_comments (post_id int references public.probe_posts on delete cascade);
       grant select, update, delete on public.probe_posts to anon, authenticated, service_role;
       grant select on public.probe_comments to anon, authenticated, service_role;
       notify pgrst, 'reload schema';`,
    )
    .simple();
});

beforeEach(async () => {
  await asOwner()`truncate public.probe_comments, public.probe_posts`;
  await asOwner()`insert into public.probe_posts values (1, 'one'), (2, 'two')`;
  await asOwner()`insert into public.probe_comments values (1)`;
});

afterAll(async () => {
  await asOwner().unsafe(drop);
});

const posts = () => asOwner()`select id, title from public.probe_posts order by id`;

/** Returns the keys with which the requests of a role are sent. */
const keys: Record<string, () => Promise<{ apikey: string; authorization?: string }>> = {
  anon: async () => ({ apikey: inject("stack").PUBLISHABLE_KEY }),
  authenticated: async () => {
    const token = sign(await claimsOfLogin(await createLogin()));
    return { apikey: inject("stack").PUBLISHABLE_KEY, authorization: `Bearer ${token}` };
  },
  service_role: async () => ({ apikey: inject("stack").SECRET_KEY }),
};

const writes = {
  UPDATE: { method: "PATCH", body: '{"title": "x"}' },
  DELETE: { method: "DELETE" },
};

type Verb = keyof typeof writes;

async function write(verb: Verb, role: string, query: string) {
  const headers = {
    ...(await keys[role]?.()),
    "content-type": "application/json",
    prefer: "return=representation",
  };
  const url = `${inject("stack").API_URL}/rest/v1/probe_posts${query}`;
  const answer = await fetch(url, { ...writes[verb], headers });
  return { status: answer.status, body: await answer.json() };
}

const verbs = Object.keys(writes) as Verb[];

describe.each(Object.keys(keys))("a request of %s without a filter is refused", (role) => {
  test.each(
    verbs.flatMap((verb) =>
      [
        "",
        "?limit=1&order=id",
        "?select=id,probe_comments!inner()&probe_comments.post_id=eq.1",
      ].map((query) => [verb, query] as const),
    ),
  )("%s %s", async (verb, query) => {
    expect(await write(verb, role, query)).toEqual({
      status: 400,
      body: {
        code: "21000",
        message: `${verb} requires a WHERE clause`,
        details: null,
        hint: null,
      },
    });
    expect(await posts()).toEqual([
      { id: 1, title: "one" },
      { id: 2, title: "two" },
    ]);
  });

  test.each(verbs)("but not with one: %s", async (verb) => {
    const { status, body } = await write(verb, role, "?id=eq.1&select=id");
    expect([status, body]).toEqual([200, [{ id: 1 }]]);
    const rest = { id: 2, title: "two" };
    expect(await posts()).toEqual(verb === "UPDATE" ? [{ id: 1, title: "x" }, rest] : [rest]);
  });
});
