import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

const LONG_AGO = "2020-01-01T00:00:00+00:00";

let ada: Member;
let colleague: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, colleague, outsider] = await Promise.all([
    createMember(acme),
    createMember(acme),
    createMember(globex),
  ]);
});

describe("a trigger with its owner's rights does nothing when the write is refused", () => {
  test.each(["a colleague's", "another tenant's"])(
    "a message into %s conversation does not change updated_at",
    async (whose) => {
      const owner = whose === "a colleague's" ? colleague : outsider;
      const { id, tenant_id } = await createRow("conversations", owner, { updated_at: LONG_AGO });
      const message = { conversation_id: id, tenant_id, role: "user", content: "Hi" } as const;
      const updatedAt = async () =>
        must(await serviceClient().from("conversations").select().eq("id", id).single()).updated_at;
      expect((await ada.client.from("messages").insert(message)).error?.code).toBe("42501");
      expect(await updatedAt()).toBe(LONG_AGO);
      expect((await owner.client.from("messages").insert(message)).error).toBeNull();
      expect(await updatedAt()).not.toBe(LONG_AGO);
    },
  );

  test.each(["a colleague's", "another tenant's"])(
    "a message into %s session does not change last_activity_at",
    async (whose) => {
      const owner = whose === "a colleague's" ? colleague : outsider;
      const { id } = await createRow("conversation_sessions", owner, {
        last_activity_at: LONG_AGO,
      });
      const message = { session_id: id, role: "user", content: "Hi" } as const;
      const asTheirs = { ...message, user_id: owner.account, tenant_id: owner.tenant_id };
      const activity = async () =>
        must(await serviceClient().from("conversation_sessions").select().eq("id", id).single())
          .last_activity_at;
      for (const row of [message, asTheirs]) {
        const { error } = await ada.client.from("conversation_messages").insert(row);
        expect(error?.code).toBe("23503");
      }
      expect(await activity()).toBe(LONG_AGO);
      const own = await owner.client.from("conversation_messages").insert(message);
      expect(own.error).toBeNull();
      expect(await activity()).not.toBe(LONG_AGO);
    },
  );
});

describe("a foreign key, to which no policy applies, rejects another tenant's row", () => {
  type Case = [
    name: string,
    write: (owner: Member) => PromiseLike<{ error: { code: string } | null }>,
  ];
  const service = () => serviceClient();

  /** Each case writes a row of Ada's tenant with a parent of `owner`. No policy applies to it. */
  const cases: Case[] = [
    [
      "as the user of a conversation",
      async ({ id }) =>
        service().from("conversations").insert({ tenant_id: ada.tenant_id, user_id: id }),
    ],
    [
      "as the conversation of a message",
      async (owner) =>
        service()
          .from("messages")
          .insert({
            tenant_id: ada.tenant_id,
            conversation_id: (await createRow("conversations", owner)).id,
            role: "user",
            content: "Hi",
          }),
    ],
    [
      "as the message of feedback",
      async (owner) =>
        service()
          .from("feedback")
          .insert({
            tenant_id: ada.tenant_id,
            user_id: ada.id,
            message_id: (await createRow("messages", owner)).id,
            rating: 1,
          }),
    ],
    [
      "as the author of feedback",
      async ({ id }) =>
        service()
          .from("feedback")
          .insert({
            tenant_id: ada.tenant_id,
            user_id: id,
            message_id: (await createRow("messages", ada)).id,
            rating: 1,
          }),
    ],
    [
      "as the user of usage",
      async ({ id }) =>
        service()
          .from("usage_metrics")
          .insert({ tenant_id: ada.tenant_id, user_id: id, date: day() }),
    ],
    [
      "as the brand of a session",
      async (owner) =>
        service()
          .from("conversation_sessions")
          .insert({
            tenant_id: ada.tenant_id,
            user_id: ada.account,
            brand_id: (await createRow("brands", owner)).id,
          }),
    ],
    [
      "as the session of a message",
      async (owner) =>
        service()
          .from("conversation_messages")
          .insert({
            tenant_id: ada.tenant_id,
            user_id: ada.account,
            session_id: (await createRow("conversation_sessions", owner)).id,
            role: "user",
            content: "Hi",
          }),
    ],
  ];

  test.each(cases)("%s", async (_name, write) => {
    expect((await write(outsider)).error?.code).toBe("23503");
    expect((await write(ada)).error).toBeNull();
  });
});

let days = 0;
function day(): string {
  days += 1;
  return new Date(Date.UTC(2019, 0, days)).toISOString().slice(0, 10);
}

test("embedding a relation does not show rows that a policy hides", async () => {
  const [secret, shown] = [randomUUID(), randomUUID()];
  await createRow("messages", outsider, { content: secret });
  await createRow("messages", ada, { content: shown });
  const session = await createRow("conversation_sessions", colleague);
  for (const select of [
    "id, messages(content)",
    "id, users!inner(email), messages!inner(content)",
  ]) {
    const { data, error } = await ada.client.from("conversations").select(select);
    expect(error).toBeNull();
    expect(JSON.stringify(data)).toContain(shown);
    expect(JSON.stringify(data)).not.toContain(secret);
  }
  const brands = await ada.client.from("brands").select("id, conversation_sessions(id)");
  expect(JSON.stringify(brands.data)).toContain(session.brand_id);
  expect(JSON.stringify(brands.data)).not.toContain(session.id);
});
