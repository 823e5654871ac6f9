// What a team's own functions, which run with the caller's rights, may use of the schema private.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, type Client, serviceClient } from "../support/clients.ts";

const name = uniqueName("team").replaceAll("-", "_");

/** By what they do, the bodies of functions that a team may write. */
const bodies = {
  tenant: "select private.current_tenant_id()::text",
  user: "select private.current_user_id()::text",
  log: "select count(*)::text from private.maintenance_runs",
  link: "select private.link_membership(gen_random_uuid(), 'ada@test.example')::text",
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
  await vi.waitFor(async () => expect(await call(ada.client, "tenant")).not.toBe("PGRST202"));
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

test("a member's call is answered with their tenant and their membership", async () => {
  expect(await call(ada.client, "tenant")).toBe(ada.tenant_id);
  expect(await call(ada.client, "user")).toBe(ada.id);
});

test("a login without a membership has neither", async () => {
  const { client } = await createLogin();
  expect([await call(client, "tenant"), await call(client, "user")]).toEqual([null, null]);
});

test.each(["log", "link", "others"] as const)(
  "a member's call is refused what is not granted: %s",
  async (body) => {
    expect(await call(ada.client, body)).toBe("42501");
  },
);

test("the backend searches the documents of all, and links nobody", async () => {
  expect(await call(serviceClient(), "others")).toEqual(expect.any(String));
  expect(await call(serviceClient(), "link")).toBe("42501");
});

test("without a sign-in nothing of it can be called", async () => {
  expect(await call(anonClient(), "tenant")).toBe("42501");
});
