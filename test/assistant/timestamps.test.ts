import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

const LONG_AGO = "2020-01-01T00:00:00+00:00";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
});

const idleConversation = () => createRow("conversations", ada, { updated_at: LONG_AGO });

async function updatedAt(table: "conversations" | "tenants" | "users", id: string) {
  return must(await serviceClient().from(table).select("updated_at").eq("id", id).single())
    .updated_at;
}

test("trigger_conversations_updated_at sets updated_at of a changed conversation", async () => {
  const { id } = await idleConversation();
  must(await ada.client.from("conversations").update({ title: "New" }).eq("id", id).select());
  expect(await updatedAt("conversations", id)).not.toBe(LONG_AGO);
});

test.each(["tenants", "users"] as const)(
  "trigger_%s_updated_at sets updated_at of a changed row",
  async (table) => {
    const id = table === "tenants" ? ada.tenant_id : ada.id;
    const before = await updatedAt(table, id);
    must(await ada.client.from(table).update({ name: "New" }).eq("id", id).select());
    expect(Date.parse(await updatedAt(table, id))).toBeGreaterThan(Date.parse(before));
  },
);

test("trigger_messages_update_conversation updates the conversation of a new message", async () => {
  const [talking, silent] = [await idleConversation(), await idleConversation()];
  const row = { conversation_id: talking.id, role: "user", content: "Hello" } as const;
  const message = must(await ada.client.from("messages").insert(row).select().single());
  expect(await updatedAt("conversations", talking.id)).toBe(message.created_at);
  expect(await updatedAt("conversations", silent.id)).toBe(LONG_AGO);
});

test("a new message does not update another tenant's conversation with the same id", async () => {
  const stranger = await createMember(await createTenant());
  const { id } = await idleConversation();
  await createRow("conversations", stranger, { id, updated_at: LONG_AGO });
  const row = { conversation_id: id, role: "user", content: "Hello" } as const;
  must(await ada.client.from("messages").insert(row).select());
  const found = await asOwner()`
    select tenant_id from conversations where id = ${id} and updated_at = ${LONG_AGO}`;
  expect(found).toEqual([{ tenant_id: stranger.tenant_id }]);
});

test("an insert of many messages updates each of their conversations", async () => {
  const conversations = [await idleConversation(), await idleConversation()];
  const rows = conversations.flatMap(({ id }) =>
    ["One", "Two"].map((content) => ({ conversation_id: id, role: "user" as const, content })),
  );
  must(await ada.client.from("messages").insert(rows).select());
  for (const { id } of conversations) {
    expect(await updatedAt("conversations", id)).not.toBe(LONG_AGO);
  }
});

test("a new message never sets its conversation's updated_at to an earlier time", async () => {
  const future = "2126-01-01T00:00:00+00:00";
  const { id } = await createRow("conversations", ada, { updated_at: future });
  const row = { conversation_id: id, role: "user", content: "Hello" } as const;
  must(await ada.client.from("messages").insert(row).select());
  expect(await updatedAt("conversations", id)).toBe(future);
});

test("a hundred messages in one transaction update their conversation once", async () => {
  const { id } = await idleConversation();
  const sql = asOwner();
  const updates = await sql.begin(async (transaction) => {
    // Counts this transaction, and earlier ones that the session has not reported yet.
    const count = async () => {
      const [row] = await transaction<{ updates: number }[]>`
        select n_tup_upd::int as updates from pg_stat_xact_user_tables
        where relid = 'conversations'::regclass`;
      return row?.updates ?? 0;
    };
    const before = await count();
    await transaction`
      insert into messages (conversation_id, tenant_id, role, content)
      select ${id}, ${ada.tenant_id}, 'user', n::text from generate_series(1, 100) n`;
    return (await count()) - before;
  });
  expect(updates).toBe(1);
});

describe("an import by the service role", () => {
  test("of an older message leaves updated_at of its conversation alone", async () => {
    const { id, updated_at } = await createRow("conversations", ada);
    await createRow("messages", ada, { conversation_id: id, created_at: LONG_AGO });
    expect(await updatedAt("conversations", id)).toBe(updated_at);
  });

  test("of a newer message sets updated_at to the time of the message", async () => {
    const { id } = await idleConversation();
    const created_at = "2023-05-01T00:00:00+00:00";
    await createRow("messages", ada, { conversation_id: id, created_at });
    expect(await updatedAt("conversations", id)).toBe(created_at);
  });

  test.each(["conversations", "tenants", "users"] as const)(
    "keeps the updated_at that it gives a row of %s",
    async (table) => {
      const { id } =
        table === "tenants"
          ? { id: ada.tenant_id }
          : table === "users"
            ? ada
            : await idleConversation();
      const updated_at = "2023-05-01T00:00:00+00:00";
      const row = serviceClient().from(table).update({ updated_at }).eq("id", id);
      expect((await row).error).toBeNull();
      expect(await updatedAt(table, id)).toBe(updated_at);
    },
  );
});
