import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
import { insertedRow, type Row, type Table } from "../support/access.ts";
import { type Login, signUp } from "../support/actors.ts";
import { CHECK, describeConstraints, FOREIGN_KEY, UNIQUE } from "../support/constraints.ts";
import {
  archivedUsage,
  createChat,
  createDocument,
  createUsage,
  vector,
} from "../support/integration.ts";

let ada: Login;

beforeAll(async () => {
  ada = await signUp();
});

function validRow(table: Table): Row {
  const user_id = ada.account;
  const rows: Partial<Record<Table, Row>> = {
    ai_conversations: { id: randomUUID(), user_id },
    embeddings: { id: randomUUID(), user_id, content: "Valid", embedding: vector(1) },
    ai_usage: { user_id, operation_type: "chat", model: "gpt-4o" },
    ai_usage_archive: archivedUsage(ada),
  };
  return rows[table] ?? {};
}

describeConstraints(validRow, [
  [
    "ai_conversations",
    "ai_conversations_pkey",
    UNIQUE,
    async () => ({ id: (await createChat(ada)).id }),
  ],
  [
    "ai_conversations",
    "ai_conversations_user_id_fkey",
    FOREIGN_KEY,
    () => ({ user_id: randomUUID() }),
  ],
  [
    "ai_conversations",
    "ai_conversations_id_has_1_to_255_characters_check",
    CHECK,
    { id: "x".repeat(256) },
  ],
  ["ai_conversations", "ai_conversations_messages_is_array_check", CHECK, { messages: {} }],
  [
    "ai_conversations",
    "ai_conversations_total_tokens_is_not_negative_check",
    CHECK,
    { total_tokens: -1 },
  ],
  [
    "ai_conversations",
    "ai_conversations_total_cost_is_0_to_a_billion_check",
    CHECK,
    { total_cost: "1e100000" },
  ],
  ["embeddings", "embeddings_pkey", UNIQUE, async () => ({ id: (await createDocument(ada)).id })],
  [
    "embeddings",
    "embeddings_pkey",
    UNIQUE,
    async () => ({ id: (await createDocument(null)).id, user_id: null }),
  ],
  ["embeddings", "embeddings_user_id_fkey", FOREIGN_KEY, () => ({ user_id: randomUUID() })],
  ["embeddings", "embeddings_id_has_1_to_255_characters_check", CHECK, { id: "" }],
  [
    "embeddings",
    "embeddings_embedding_has_a_direction_check",
    CHECK,
    () => ({ embedding: vector(0) }),
  ],
  [
    // So small, and so large, that its square is no float any more.
    "embeddings",
    "embeddings_embedding_has_a_direction_check",
    CHECK,
    () => ({ embedding: vector(1e-30) }),
  ],
  [
    "embeddings",
    "embeddings_embedding_has_a_direction_check",
    CHECK,
    () => ({ embedding: vector(1e30) }),
  ],
  ["embeddings", "embeddings_metadata_is_object_check", CHECK, { metadata: [] }],
  ["ai_usage", "ai_usage_pkey", UNIQUE, async () => ({ id: (await createUsage(ada)).id })],
  ["ai_usage", "ai_usage_user_id_fkey", FOREIGN_KEY, () => ({ user_id: randomUUID() })],
  ["ai_usage", "ai_usage_operation_type_is_not_blank_check", CHECK, { operation_type: "\t" }],
  ["ai_usage", "ai_usage_model_is_not_blank_check", CHECK, { model: "" }],
  ["ai_usage", "ai_usage_tokens_prompt_is_not_negative_check", CHECK, { tokens_prompt: -1 }],
  [
    "ai_usage",
    "ai_usage_tokens_completion_is_not_negative_check",
    CHECK,
    { tokens_completion: -1 },
  ],
  ["ai_usage", "ai_usage_cost_is_finite_and_not_negative_check", CHECK, { cost: "Infinity" }],
  ["ai_usage", "ai_usage_latency_ms_is_not_negative_check", CHECK, { latency_ms: -1 }],
  [
    "ai_usage_archive",
    "ai_usage_archive_pkey",
    UNIQUE,
    async () => ({ id: (await insertedRow("ai_usage_archive", archivedUsage(ada))).id }),
  ],
  [
    "ai_usage_archive",
    "ai_usage_archive_user_id_fkey",
    FOREIGN_KEY,
    () => ({ user_id: randomUUID() }),
  ],
  [
    "ai_usage_archive",
    "ai_usage_archive_operation_type_is_not_blank_check",
    CHECK,
    { operation_type: "" },
  ],
  ["ai_usage_archive", "ai_usage_archive_model_is_not_blank_check", CHECK, { model: "\t" }],
  [
    "ai_usage_archive",
    "ai_usage_archive_tokens_prompt_is_not_negative_check",
    CHECK,
    { tokens_prompt: -1 },
  ],
  [
    "ai_usage_archive",
    "ai_usage_archive_tokens_completion_is_not_negative_check",
    CHECK,
    { tokens_completion: -1 },
  ],
  [
    "ai_usage_archive",
    "ai_usage_archive_cost_is_finite_and_not_negative_check",
    CHECK,
    { cost: "NaN" },
  ],
  [
    "ai_usage_archive",
    "ai_usage_archive_latency_ms_is_not_negative_check",
    CHECK,
    { latency_ms: -1 },
  ],
]);
