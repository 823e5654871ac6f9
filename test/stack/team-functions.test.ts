// A team's own functions run with the caller's rights. They can use some of the schema private.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, type Client, serviceClient } from "../support/clients.ts";

const name = uniqueName("team").replaceAll("-", "_");

/** The bodies of functions that a team may write, by purpose. */
const bodies = {
  tenant: "select private.current_tenant_id()::text",
  user: "select private.current_user_id()::text",
  log: "select count(*)::text from private.maintenance_runs",
  link: "select private.link_memberships(gen_random_uuid(), 'ada@test.example')::text",
  others: `select count(*)::text from private.nearest_embeddings_of_caller(
    (array_fill(1::real, array[1536]))::extensions.vector, 10, '{}', true)`,
};

type Body = keyof typeof bodies;

let ada: Member & { client: Client };

beforeAll(async () => {
  ada = await createMember(await createTenant());
  for (const [body, sql] of Object.entries(bodies)) {
    await asOwner().unsafe(`
      create function public.${name}_${body}() returns text language plpgsql security invoker
      set search_path = '' as $$ begin return (${sql}); end $$;
      grant execute on function public.${name}_${body}() to authenticated, service_role;`);
  }
  await asOwner()`notify pgrst, 'reload schema'`;
  const isServed = async () => expect(await call(ada.client, "tenant")).not.toBe("PGRST202");
  await vi.waitFor(isServed, { timeout: 20_000 });
});

afterAll(async () => {
  for (const body of Object.keys(bodies)) {
    await asOwner().unsafe(`drop function public.${name}_${body}()`);
  }
});

const call = async (client: Client, body: Body) => {
  const { data, error } = await client.rpc(`${name}_${body}` as never);
  return error ? error.code : data;
};

test("a member's call returns the member's tenant and membership", async () => {
  expect(await call(ada.client, "tenant")).toBe(ada.tenant_id);
  expect(await call(ada.client, "user")).toBe(ada.id);
});

test("an account without a membership gets null for both", async () => {
  const { client } = await createLogin();
  expect([await call(client, "tenant"), await call(client, "user")]).toEqual([null, null]);
});

test.each(["log", "link", "others"] as const)(
  "a member's call is refused if it uses what is not granted: %s",
  async (body) => {
    expect(await call(ada.client, body)).toBe("42501");
  },
);

test("the backend can search all documents, but cannot link an account", async () => {
  expect(await call(serviceClient(), "others")).toEqual(expect.any(String));
  expect(await call(serviceClient(), "link")).toBe("42501");
});

test("a caller without a sign-in cannot call the functions", async () => {
  expect(await call(anonClient(), "tenant")).toBe("42501");
});
