import type { SupabaseClient } from "@supabase/supabase-js";
import { beforeAll, expect, test } from "vitest";
import { callerNames } from "../../scripts/contract/callers.ts";
import { type Cast, createCast } from "../support/cast.ts";
import { asOwner } from "../support/clients.ts";

/** PostgREST's code for a schema that it does not serve. */
const NOT_SERVED = "PGRST106";

const namesOf = async (query: Promise<readonly { name: string }[]>) =>
  (await query).map(({ name }) => name);

const relations = await namesOf(asOwner()<{ name: string }[]>`
  select relname as name from pg_class
  where relnamespace = 'private'::regnamespace and relkind not in ('i', 'I', 'c')`);

const functions = await namesOf(asOwner()<{ name: string }[]>`
  select distinct proname as name from pg_proc where pronamespace = 'private'::regnamespace`);

let cast: Cast;
beforeAll(async () => {
  cast = await createCast();
});

test.each(callerNames)("the API does not serve the schema private to %s", async (caller) => {
  const client = cast.clients[caller].schema("private" as never) as unknown as SupabaseClient;
  const row = { id: 1 };
  const attempts = [
    ...relations.flatMap((name) => [
      { name: `select ${name}`, query: client.from(name).select() },
      { name: `insert ${name}`, query: client.from(name).insert(row) },
      { name: `update ${name}`, query: client.from(name).update(row).match(row) },
      { name: `delete ${name}`, query: client.from(name).delete().match(row) },
    ]),
    ...functions.map((name) => ({ name: `execute ${name}`, query: client.rpc(name) })),
  ];
  const codes = await Promise.all(
    attempts.map(async ({ name, query }) => [name, (await query).error?.code]),
  );
  expect(codes.filter(([, code]) => code !== NOT_SERVED)).toEqual([]);
});

test("the schema private contains relations and functions to test", () => {
  expect(relations).toContain("maintenance_runs");
  expect(functions).toContain("current_tenant_id");
});

test.each(callerNames)("the API serves the schema public to %s", async (caller) => {
  const { error } = await cast.clients[caller].schema("public").from("tenants").select().limit(1);
  expect(error?.code).toBe(caller === "anon" ? "42501" : undefined);
});
