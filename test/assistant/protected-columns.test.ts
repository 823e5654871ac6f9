import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import type { TablesInsert } from "../../src/index.ts";
import {
  createConversation,
  createMember,
  createMessage,
  createTenant,
  type Member,
  must,
} from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";
import { describeProtectedColumns } from "../support/protected-columns.ts";

let ada: Member;
let ben: Member;
let outsider: Member;

beforeAll(async () => {
  const [acme, globex] = await Promise.all([createTenant(), createTenant()]);
  [ada, ben, outsider] = await Promise.all([
    createMember(acme, { role: "owner" }),
    createMember(acme),
    createMember(globex),
  ]);
});

async function ownMessage() {
  return { client: ada.client, id: (await createMessage(ada)).id };
}

async function ownFeedback() {
  const row = { message_id: (await createMessage(ada)).id, rating: 1 as const };
  const { id } = must(await ada.client.from("feedback").insert(row).select().single());
  return { client: ada.client, id };
}

describeProtectedColumns({
  tenants: {
    own: async () => ({ client: ada.client, id: ada.tenant_id }),
    closed: [
      ["id", randomUUID()],
      ["slug", "taken-over"],
      ["rate_limit_per_minute", 1_000_000],
      ["daily_token_limit", 1_000_000_000],
      ["is_active", false],
      ["created_at", "2020-01-01"],
      ["updated_at", "2020-01-01"],
    ],
    open: {
      name: "New name",
      llm_provider: "anthropic",
      llm_model: "claude-sonnet-4",
      temperature: 0.1,
      max_tokens: 5,
      system_prompt: "Be brief.",
      features: { streaming: true },
      branding: { primary_color: "#123456" },
    },
  },
  users: {
    own: async () => ada,
    closed: [
      ["id", randomUUID()],
      ["tenant_id", randomUUID()],
      ["auth_id", randomUUID()],
      ["email", "someone@else.example"],
      ["role", "owner"],
      ["is_active", false],
      ["tenant_is_active", false],
      ["created_at", "2020-01-01"],
      ["updated_at", "2020-01-01"],
    ],
    open: {
      name: "Ada",
      preferences: { theme: "dark" },
      last_active_at: "2026-01-01T00:00:00+00:00",
    },
  },
  conversations: {
    own: async () => ({ client: ada.client, id: (await createConversation(ada)).id }),
    closed: [
      ["id", randomUUID()],
      ["tenant_id", randomUUID()],
      ["user_id", randomUUID()],
      ["created_at", "2020-01-01"],
      ["updated_at", "2020-01-01"],
    ],
    open: { title: "New title", metadata: { a: 1 }, is_archived: true },
  },
  messages: {
    own: ownMessage,
    closed: [
      ["id", randomUUID()],
      ["conversation_id", randomUUID()],
      ["tenant_id", randomUUID()],
      ["role", "assistant"],
      ["created_at", "2020-01-01"],
    ],
    open: {
      content: "New words",
      token_count: 2,
      model_used: "gpt-4o",
      latency_ms: 3,
      metadata: { a: 1 },
    },
  },
  feedback: {
    own: ownFeedback,
    closed: [
      ["id", randomUUID()],
      // Granted for upserts, and kept within the tenant by the key.
      ["message_id", randomUUID(), "23503"],
      ["tenant_id", randomUUID()],
      ["user_id", randomUUID()],
      ["created_at", "2020-01-01"],
    ],
    open: { rating: -1, comment: "On second thoughts" },
  },
});

describe("inserts", () => {
  test("a member cannot open a conversation in a colleague's name", async () => {
    const { error } = await ada.client.from("conversations").insert({ user_id: ben.id });
    expect(error?.code).toBe("42501");
    const own = await ada.client.from("conversations").insert({ user_id: ada.id });
    expect(own.error).toBeNull();
  });

  test("a member cannot put a conversation into another tenant", async () => {
    const { error } = await ada.client
      .from("conversations")
      .insert({ tenant_id: outsider.tenant_id, user_id: outsider.id });
    expect(error?.code).toBe("42501");
  });

  test("a member cannot write into a colleague's conversation", async () => {
    const { id } = await createConversation(ben);
    const message = { conversation_id: id, role: "user", content: "Psst" } as const;
    expect((await ada.client.from("messages").insert(message)).error?.code).toBe("42501");
    expect((await ben.client.from("messages").insert(message)).error).toBeNull();
  });

  test("a conversation that does not exist and one that the caller cannot see fail alike", async () => {
    const { id } = await createConversation(outsider);
    const message = { role: "user", content: "Hello?" } as const;
    const attempts = [id, randomUUID()].flatMap((conversation_id): TablesInsert<"messages">[] => [
      { ...message, conversation_id },
      { ...message, conversation_id, tenant_id: outsider.tenant_id },
    ]);
    const errors = await Promise.all(
      attempts.map(async (row) => (await ada.client.from("messages").insert(row)).error),
    );
    expect(errors[0]?.code).toBe("42501");
    for (const error of errors) expect(error).toEqual(errors[0]);
  });

  test("a message that does not exist and one of another tenant take no feedback, alike", async () => {
    const { id } = await createMessage(outsider);
    const codes = await Promise.all(
      [id, randomUUID()].map(async (message_id) => {
        const { error } = await ada.client.from("feedback").insert({ message_id, rating: 1 });
        return [error?.code, error?.message, error?.details?.replaceAll(message_id, "…")];
      }),
    );
    expect(codes[0]?.[0]).toBe("23503");
    expect(codes[1]).toEqual(codes[0]);
  });

  test("a client cannot choose an id, which might be another tenant's", async () => {
    const id = randomUUID();
    const conversation_id = (await createConversation(ada)).id;
    const message_id = (await createMessage(ada)).id;
    const attempts = [
      ada.client.from("conversations").insert({ id }),
      ada.client.from("messages").insert({ id, conversation_id, role: "user", content: "Hi" }),
      ada.client.from("feedback").insert({ id, message_id, rating: 1 }),
    ];
    for (const { error } of await Promise.all(attempts)) expect(error?.code).toBe("42501");
    const control = await ada.client.from("feedback").insert({ message_id, rating: 1 });
    expect(control.error).toBeNull();
  });

  test("two tenants may use the same ids", async () => {
    const id = randomUUID();
    for (const member of [ada, outsider]) {
      await createConversation(member, { id });
      await createMessage(member, { id, conversation_id: id, content: member.email });
    }
    const { data } = await ada.client.from("messages").select("content").eq("id", id);
    expect(data).toEqual([{ content: ada.email }]);
  });

  test("where two tenants use an id, the service role must name the tenant", async () => {
    const id = randomUUID();
    await createConversation(ada, { id });
    await createConversation(outsider, { id });
    const message = { conversation_id: id, role: "system", content: "Hi" } as const;
    const service = serviceClient();
    expect((await service.from("messages").insert(message)).error?.code).toBe("21000");
    const named = await service.from("messages").insert({ ...message, tenant_id: ada.tenant_id });
    expect(named.error).toBeNull();
  });
});
