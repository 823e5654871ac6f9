import { createClient } from "@supabase/supabase-js";
import { beforeAll, describe, expect, inject, test } from "vitest";
import WebSocket from "ws";
import {
  chooseTenant,
  createConversation,
  listConversations,
  listMyTenants,
  type Tables,
  tenantClient,
} from "../../src/index.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, type Client, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

/** A person with a membership in two tenants, and a conversation in each. */
interface Person extends Member {
  second: Tables<"users">;
}

async function createPerson(): Promise<Person> {
  const tenant = await createTenant();
  const first = await createMember(tenant, { role: "owner" });
  await createMember(tenant, { role: "owner" });
  const { id: tenant_id } = await createTenant();
  const { id } = await createRow("users", { tenant_id }, { email: first.email });
  const second = must(await serviceClient().from("users").select().eq("id", id).single());
  await createRow("conversations", first, { title: "First" });
  await createRow("conversations", second, { title: "Second" });
  return { ...first, second };
}

let ada: Person;

beforeAll(async () => {
  ada = await createPerson();
});

const titles = async (client: Client) =>
  (await listConversations(client)).conversations.map(({ title }) => title);

async function deactivate({ id }: { id: string }) {
  const users = serviceClient().from("users");
  await users.update({ is_active: false }).eq("id", id).throwOnError();
}

describe("without a header", () => {
  test("a request is for the oldest membership, so that joining moves nobody", async () => {
    const person = await createMember(await createTenant());
    const { id: tenant_id } = await createTenant();
    const current = async () => (await person.client.from("tenants").select("id")).data;
    expect(await current()).toEqual([{ id: person.tenant_id }]);
    const joined = { email: person.email, created_at: new Date().toISOString() };
    await createRow("users", { tenant_id }, joined);
    expect(await current()).toEqual([{ id: person.tenant_id }]);
    expect(await listMyTenants(person.client)).toHaveLength(2);
  });

  test("a request is for the default, until it is chosen otherwise", async () => {
    const person = await createPerson();
    await chooseTenant(person.client, person.second.tenant_id);
    expect(await titles(person.client)).toEqual(["Second"]);
    await chooseTenant(person.client, person.second.tenant_id);
    await chooseTenant(person.client, person.tenant_id);
    expect(await titles(person.client)).toEqual(["First"]);
  });

  test.each(["users", "tenants"] as const)(
    "a request is for the oldest active membership after the default is deactivated in %s",
    async (table) => {
      const person = await createPerson();
      await chooseTenant(person.client, person.second.tenant_id);
      const id = table === "users" ? person.second.id : person.second.tenant_id;
      await serviceClient().from(table).update({ is_active: false }).eq("id", id).throwOnError();
      expect(await titles(person.client)).toEqual(["First"]);
      await deactivate(person);
      expect(await titles(person.client)).toEqual([]);
    },
  );
});

describe("the header x-tenant-id", () => {
  test("chooses the tenant of reads, writes, functions, embeds and counts", async () => {
    const inSecond = tenantClient(ada.client, ada.second.tenant_id);
    expect(await titles(inSecond)).toEqual(["Second"]);
    const made = await createConversation(inSecond, { title: "New" });
    expect(made).toMatchObject({ tenant_id: ada.second.tenant_id, user_id: ada.second.id });
    const messages = inSecond.from("messages");
    const row = { conversation_id: made.id, role: "user", content: "Hello" } as const;
    const { id: message_id } = must(await messages.insert(row).select().single());
    const rating = { message_id, rating: 1 } as const;
    const upserted = inSecond.from("feedback").upsert(rating, { onConflict: "message_id,user_id" });
    expect(must(await upserted.select().single()).user_id).toBe(ada.second.id);
    const embedded = inSecond.from("conversations").select("title, messages(content)");
    expect(must(await embedded.eq("id", made.id).single()).messages).toEqual([
      { content: "Hello" },
    ]);
    const counted = inSecond.from("conversations").select("*", { count: "exact", head: true });
    expect((await counted).count).toBe(2);
    const summary = await inSecond.rpc("get_message_feedback_summary");
    expect(summary.data?.map((found) => found.message_id)).toEqual([message_id]);
    expect(await titles(ada.client)).toEqual(["First"]);
  });

  test("is compared without regard to capitals", async () => {
    expect(await titles(tenantClient(ada.client, ada.second.tenant_id.toUpperCase()))).toContain(
      "Second",
    );
  });

  describe.each([
    ["another's tenant", async () => (await createTenant()).id],
    ["an unknown tenant", async () => "00000000-0000-7000-8000-000000000000"],
    ["no uuid", async () => "acme"],
    ["nothing", async () => ""],
    ["the tenant twice", async () => `${ada.second.tenant_id}, ${ada.second.tenant_id}`],
    ["a pattern", async () => "%"],
    ["JSON", async () => `"}, {"x-tenant-id": "${ada.second.tenant_id}`],
  ])("with %s", (_name, header) => {
    let client: Client;
    beforeAll(async () => {
      client = tenantClient(ada.client, await header());
    });

    test("reads nothing", async () => {
      const { data, count } = await client
        .from("conversations")
        .select("id, messages(id)", { count: "exact" });
      expect([data, count]).toEqual([[], 0]);
      expect((await client.from("tenants").select("id")).data).toEqual([]);
      expect((await client.rpc("get_monthly_usage_summary")).data).toEqual([]);
    });

    test("writes nothing", async () => {
      const conversations = client.from("conversations");
      expect((await conversations.insert({ title: "Lost" })).error?.code).toBe("42501");
      const changed = await conversations.update({ title: "Lost" }).eq("title", "First").select();
      expect(changed.data).toEqual([]);
    });

    test("still lists the tenants, of which none is current", async () => {
      const tenants = await listMyTenants(client);
      expect(tenants.map(({ is_current }) => is_current)).toEqual([false, false]);
    });
  });

  test("of one request does not apply to the next", async () => {
    const inSecond = tenantClient(ada.client, ada.second.tenant_id);
    const both = async () => [await titles(ada.client), await titles(inSecond)];
    const rounds = await Promise.all(Array.from({ length: 10 }, both));
    for (const [first, second] of rounds) {
      expect(first).toEqual(["First"]);
      expect(second).toContain("Second");
    }
  });

  test("with the tenant of a deactivated membership reads nothing", async () => {
    const person = await createPerson();
    const inSecond = tenantClient(person.client, person.second.tenant_id);
    expect(await titles(inSecond)).toEqual(["Second"]);
    await deactivate(person.second);
    expect(await titles(inSecond)).toEqual([]);
    expect(await titles(person.client)).toEqual(["First"]);
  });
});

describe("the caller's tenants", () => {
  test("are listed in the order of joining, with role, default and current", async () => {
    const person = await createPerson();
    const listed = async (client: Client) =>
      (await listMyTenants(client)).map(({ id, role, is_default, is_current }) => {
        return [id, role, is_default, is_current];
      });
    const [first, second] = [person.tenant_id, person.second.tenant_id];
    expect(await listed(person.client)).toEqual([
      [first, "owner", false, true],
      [second, "user", false, false],
    ]);
    await chooseTenant(person.client, second);
    expect(await listed(tenantClient(person.client, first))).toEqual([
      [first, "owner", false, true],
      [second, "user", true, false],
    ]);
    await deactivate(person);
    expect(await listed(person.client)).toEqual([[second, "user", true, true]]);
  });

  test("cannot be chosen without an active membership in an active tenant", async () => {
    const person = await createPerson();
    const { id } = await createTenant();
    const choose = (tenantId: string) => chooseTenant(person.client, tenantId);
    await expect(choose(id)).rejects.toMatchObject({ code: "P0002" });
    await deactivate(person.second);
    await expect(choose(person.second.tenant_id)).rejects.toMatchObject({ code: "P0002" });
    const tenants = serviceClient().from("tenants").update({ is_active: false });
    await tenants.eq("id", person.tenant_id).throwOnError();
    await expect(choose(person.tenant_id)).rejects.toMatchObject({ code: "P0002" });
    await expect(
      chooseTenant((await createLogin()).client, person.tenant_id),
    ).rejects.toMatchObject({ code: "P0002" });
    const [chosen] = await asOwner()`
      select count(*)::int as defaults from users where auth_id = ${person.account} and is_default`;
    expect(chosen?.defaults).toBe(0);
  });
});

test("a membership that kept a default does not keep its next account from being linked", async () => {
  const person = await createPerson();
  await chooseTenant(person.client, person.second.tenant_id);
  const users = () => serviceClient().from("users");
  await users().update({ auth_id: null }).eq("id", person.second.id).throwOnError();
  await chooseTenant(person.client, person.tenant_id);
  await asOwner()`update auth.users set email_confirmed_at = now() where id = ${person.account}`;
  expect(await listMyTenants(person.client)).toMatchObject([
    { is_default: true },
    { is_default: false },
  ]);
});

test("a text in another header does not count as a choice", async () => {
  const { API_URL, PUBLISHABLE_KEY } = inject("stack");
  const { data } = await ada.client.auth.getSession();
  const response = await fetch(`${API_URL}/rest/v1/tenants?select=id`, {
    headers: {
      apikey: PUBLISHABLE_KEY,
      authorization: `Bearer ${data.session?.access_token}`,
      "x-other": "x-tenant-id",
    },
  });
  expect(await response.json()).toEqual([{ id: ada.tenant_id }]);
});

describe("tenantClient()", () => {
  const inSecond = (client: Client) => tenantClient(client, ada.second.tenant_id);

  test("shares the session of the first client", async () => {
    const person = await createPerson();
    const client = tenantClient(person.client, person.second.tenant_id);
    expect(await titles(client)).toEqual(["Second"]);
    await client.auth.signOut();
    for (const either of [client, person.client]) {
      expect((await either.from("conversations").select()).error?.code).toBe("42501");
    }
  });

  test("keeps a token that the first client was created with", async () => {
    const { API_URL, PUBLISHABLE_KEY, SECRET_KEY } = inject("stack");
    const { data } = await ada.client.auth.getSession();
    const token = data.session?.access_token ?? "";
    const realtime = { transport: WebSocket as never };
    const global = { headers: { Authorization: `Bearer ${token}` } };
    const clients: Client[] = [
      createClient(API_URL, PUBLISHABLE_KEY, { accessToken: async () => token, realtime }),
      createClient(API_URL, PUBLISHABLE_KEY, { global, realtime }),
      createClient(API_URL, SECRET_KEY, { global, realtime }),
    ];
    for (const client of clients) {
      const { data: seen } = await inSecond(client).from("tenants").select("id");
      expect(seen).toEqual([{ id: ada.second.tenant_id }]);
    }
  });

  test("can be given a client for another tenant", async () => {
    const inFirst = tenantClient(inSecond(ada.client), ada.tenant_id);
    expect(await titles(inFirst)).toEqual(["First"]);
  });
});
