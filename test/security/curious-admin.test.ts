import { beforeAll, describe, expect, test } from "vitest";
import { outcomeFor } from "../../scripts/contract/callers.ts";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { tableNames, tables, viewNames, views } from "../../scripts/contract/index.ts";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import type { ViewContract } from "../../scripts/contract/table.ts";
import { getModelUsage, searchDocuments } from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

let ben: Member;
let session: string;
const admins: Record<string, Member> = {};

beforeAll(async () => {
  const tenant = await createTenant();
  ben = await createMember(tenant);
  admins.admin = await createMember(tenant, { role: "admin" });
  admins.owner = await createMember(tenant, { role: "owner" });
  session = (await createRow("conversation_sessions", ben)).id;
  const model = { provider: "openai", model_used: "gpt-4o" };
  await createRow("conversation_messages", ben, { session_id: session, ...model });
  for (const table of personalTables) await createRow(table, ben);
});

/** Returns whether only the person to whom a row belongs can read it. */
const isPersonal = ({ access: { select } }: Pick<ViewContract, "access">) =>
  outcomeFor("member", select) === "allowed" && outcomeFor("owner", select) === "nothing";
const personalTables = tableNames.filter((table) => isPersonal(tables[table]));
const personalViews = viewNames.filter((view) => isPersonal(views[view]));

const kinds = ["admin", "owner"] as const;
const count = (rows: unknown[] | null) => rows?.length ?? 0;

describe.each(kinds)("the %s of a tenant cannot read a member's rows", (kind) => {
  test.each([...personalTables, ...personalViews])("of %s", async (relation) => {
    const seenBy = async ({ client }: Member) => {
      const { data, error } = await client.from(relation as "embeddings").select();
      expect(error).toBeNull();
      // Documents without an owner are public.
      return count(data?.filter(({ user_id }) => user_id !== null) ?? []);
    };
    expect(await seenBy(admins[kind] as Member)).toBe(0);
    expect(await seenBy(ben)).toBeGreaterThan(0);
  });

  test("of a session through its functions", async () => {
    const ask = async ({ client }: Member) => [
      count((await client.rpc("get_conversation_history", { p_session_id: session })).data),
      (await client.rpc("get_session_message_stats", { p_session_id: session })).data?.[0]
        ?.total_messages,
    ];
    expect(await ask(admins[kind] as Member)).toEqual([0, 0]);
    expect(await ask(ben)).toEqual([1, 1]);
  });

  test("of usage and documents through their functions", async () => {
    const filter = { of: uniqueName("ben") };
    await createRow("embeddings", ben, { metadata: filter });
    const ask = async ({ client }: Member) => [
      count(await getModelUsage(client, { userId: ben.account })),
      count(await searchDocuments(client, vector(1), { filter })),
    ];
    expect(await ask(admins[kind] as Member)).toEqual([0, 0]);
    expect(await ask(ben)).toEqual([1, 1]);
  });
});

describe.each(kinds)("the %s of a tenant", (kind) => {
  test("cannot write a member's role, state, email or name, nor their own role", async () => {
    const { client, id } = admins[kind] as Member;
    for (const change of [{ role: "owner" }, { is_active: false }, { email: "new@test.example" }]) {
      for (const user of [ben.id, id]) {
        const { error } = await client
          .from("users")
          .update(change as never)
          .eq("id", user);
        expect(error?.code).toBe("42501");
      }
    }
    const renamed = await client.from("users").update({ name: "New" }).eq("id", ben.id).select();
    expect(renamed.data).toEqual([]);
    const own = await client.from("users").update({ name: "New" }).eq("id", id).select();
    expect(own.data).toHaveLength(1);
  });

  test("cannot insert or delete a membership", async () => {
    const { client, tenant_id } = admins[kind] as Member;
    const email = `${uniqueName("invited")}@test.example`;
    expect((await client.from("users").insert({ tenant_id, email })).error?.code).toBe("42501");
    expect((await client.from("users").delete().eq("id", ben.id)).error?.code).toBe("42501");
    const service = serviceClient().from("users");
    expect((await service.insert({ tenant_id, email })).error).toBeNull();
  });

  test("can delete a brand with all sessions for it, which they cannot read", async () => {
    const { client } = admins[kind] as Member;
    const brand = await createRow("brands", ben);
    const { id } = await createRow("conversation_sessions", ben, { brand_id: brand.id });
    expect((await client.from("conversation_sessions").select().eq("id", id)).data).toEqual([]);
    must(await client.from("brands").delete().eq("id", brand.id).select().single());
    const left = await ben.client.from("conversation_sessions").select().eq("id", id);
    expect(left.data).toEqual([]);
  });
});
