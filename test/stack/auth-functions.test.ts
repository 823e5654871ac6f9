import { randomUUID } from "node:crypto";
import type { SupabaseClient } from "@supabase/supabase-js";
import { describe, expect, onTestFinished, test } from "vitest";
import { PASSWORD } from "../support/actors.ts";
import { anonClient, asOwner } from "../support/clients.ts";

const sub = randomUUID();
const claims = { sub, role: "authenticated", email: "ada@test-acme.example" };

/** Calls the functions of the schema auth with these settings, and returns their results. */
async function read(settings: Record<string, string>) {
  return asOwner().begin(async (sql) => {
    for (const [name, value] of Object.entries(settings)) {
      await sql`select set_config(${name}, ${value}, true)`;
    }
    const [row] = await sql`
      select auth.uid() as sub, auth.role() as role, auth.email() as email`;
    return row;
  });
}

describe("auth.uid(), auth.role() and auth.email()", () => {
  test("read request.jwt.claims, which is all that PostgREST sets", async () => {
    expect(await read({ "request.jwt.claims": JSON.stringify(claims) })).toEqual(claims);
  });

  test("read the older settings, one per claim", async () => {
    const settings = Object.entries(claims).map(([name, value]) => [
      `request.jwt.claim.${name}`,
      value,
    ]);
    expect(await read(Object.fromEntries(settings))).toEqual(claims);
  });

  test("are null without claims", async () => {
    const nothing = { sub: null, role: null, email: null };
    expect(await read({})).toEqual(nothing);
    expect(await read({ "request.jwt.claims": "", "request.jwt.claim.sub": "" })).toEqual(nothing);
    expect(await read({ "request.jwt.claims": '{"role": "anon"}' })).toEqual({
      ...nothing,
      role: "anon",
    });
  });
});

test("auth.jwt() has the metadata and the assurance level, as on hosted Supabase", async () => {
  await asOwner()
    .unsafe(
      `create function public.probe_claims() returns jsonb language sql stable
       set search_path = '' as $$ select auth.jwt() $$;
       grant execute on function public.probe_claims to authenticated;
       notify pgrst, 'reload schema'`,
    )
    .simple();
  onTestFinished(async () => {
    await asOwner()`drop function public.probe_claims()`;
  });
  const client = anonClient() as unknown as SupabaseClient;
  const email = `${randomUUID()}@test.example`;
  const found = async () => (await client.rpc("probe_claims")).data;
  const expected = {
    email,
    role: "authenticated",
    aal: "aal1",
    amr: [{ method: "password", timestamp: expect.any(Number) }],
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { plan: "pro", email },
  };
  await client.auth.signUp({ email, password: PASSWORD, options: { data: { plan: "pro" } } });
  expect(await found()).toMatchObject(expected);
  await client.auth.refreshSession();
  expect(await found()).toMatchObject(expected);
  await client.auth.signOut();
  await client.auth.signInWithPassword({ email, password: PASSWORD });
  expect(await found()).toMatchObject(expected);
  await client.auth.updateUser({ data: { plan: "free" } });
  await client.auth.refreshSession();
  expect(await found()).toMatchObject({ ...expected, user_metadata: { plan: "free", email } });
});
