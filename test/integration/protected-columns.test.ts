import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
import { type Login, signUp } from "../support/actors.ts";
import { createChat, createDocument } from "../support/integration.ts";
import { describeProtectedColumns } from "../support/protected-columns.ts";

/** SQLSTATE generated_always. */
const GENERATED = "428C9";

let ada: Login;

beforeAll(async () => {
  ada = await signUp();
});

describeProtectedColumns({
  ai_conversations: {
    own: async () => ({ client: ada.client, id: (await createChat(ada)).id }),
    closed: [
      ["user_id", randomUUID()],
      ["created_at", "2020-01-01"],
      ["updated_at", "2020-01-01"],
    ],
    open: {
      id: randomUUID(),
      title: "New",
      model: "gpt-4o",
      messages: [{ role: "user", content: "Hi" }],
      total_tokens: 5,
      total_cost: 0.25,
    },
  },
  embeddings: {
    own: async () => ({ client: ada.client, id: (await createDocument(ada)).id }),
    closed: [
      ["user_id", randomUUID()],
      ["owner_id", randomUUID(), GENERATED],
      ["embedding_signs", "1".repeat(1536), GENERATED],
      ["created_at", "2020-01-01"],
    ],
    open: {
      id: randomUUID(),
      content: "New",
      embedding: `[${[0, 1, ...new Array(1534).fill(0)].join(",")}]`,
      metadata: { source: "new" },
    },
  },
});
