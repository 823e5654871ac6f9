import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { insertedRow, insertRow, type Row, type Table } from "../support/access.ts";
import {
  createMember,
  createMessage,
  createTenant,
  type Member,
  signUp,
  uniqueName,
} from "../support/actors.ts";
import { CHECK, describeConstraints, FOREIGN_KEY, UNIQUE } from "../support/constraints.ts";

let ada: Member;
let message: { id: string; conversation_id: string };

beforeAll(async () => {
  ada = await createMember(await createTenant());
  message = await createMessage(ada);
});

/** A row that every constraint accepts; each case below breaks exactly one. */
function validRow(table: Table): Row {
  const keys = { tenant_id: ada.tenant_id, user_id: ada.id };
  const rows: Partial<Record<Table, Row>> = {
    tenants: { name: "Valid", slug: uniqueName("test") },
    users: { tenant_id: ada.tenant_id, email: `${uniqueName("valid")}@test.example` },
    conversations: keys,
    messages: {
      tenant_id: ada.tenant_id,
      conversation_id: message.conversation_id,
      role: "user",
      content: "Valid",
    },
    feedback: { ...keys, message_id: message.id, rating: 1 },
    usage_metrics: { ...keys, date: "2024-02-29" },
  };
  return rows[table] ?? {};
}

describeConstraints(validRow, [
  ["tenants", "tenants_pkey", UNIQUE, () => ({ id: ada.tenant_id })],
  ["tenants", "tenants_slug_key", UNIQUE, async () => ({ slug: (await createTenant()).slug })],
  ["tenants", "tenants_name_is_not_blank_check", CHECK, { name: " \n" }],
  ["tenants", "tenants_slug_is_kebab_case_check", CHECK, { slug: "Not_Kebab" }],
  ["tenants", "tenants_slug_is_kebab_case_check", CHECK, { slug: "two--dashes" }],
  ["tenants", "tenants_temperature_is_0_to_2_check", CHECK, { temperature: 2.01 }],
  ["tenants", "tenants_temperature_is_0_to_2_check", CHECK, { temperature: "NaN" }],
  ["tenants", "tenants_max_tokens_is_positive_check", CHECK, { max_tokens: 0 }],
  ["tenants", "tenants_features_is_object_check", CHECK, { features: [] }],
  [
    "tenants",
    "tenants_rate_limit_per_minute_is_positive_check",
    CHECK,
    { rate_limit_per_minute: 0 },
  ],
  ["tenants", "tenants_daily_token_limit_is_not_negative_check", CHECK, { daily_token_limit: -1 }],
  ["tenants", "tenants_branding_is_object_check", CHECK, { branding: "blue" }],
  ["users", "users_pkey", UNIQUE, () => ({ id: ada.id })],
  ["users", "users_auth_id_key", UNIQUE, () => ({ auth_id: ada.account })],
  ["users", "users_tenant_id_email_key", UNIQUE, () => ({ email: ada.email })],
  ["users", "users_tenant_id_fkey", FOREIGN_KEY, { tenant_id: randomUUID() }],
  ["users", "users_auth_id_fkey", FOREIGN_KEY, { auth_id: randomUUID() }],
  ["users", "users_email_is_lower_case_address_check", CHECK, { email: "Ada@test.example" }],
  ["users", "users_email_is_lower_case_address_check", CHECK, { email: "Äda@test.example" }],
  ["users", "users_email_is_lower_case_address_check", CHECK, { email: "no address" }],
  ["users", "users_role_is_known_check", CHECK, { role: "god" }],
  ["users", "users_preferences_is_object_check", CHECK, { preferences: [1] }],
  ["conversations", "conversations_pkey", UNIQUE, () => ({ id: message.conversation_id })],
  ["conversations", "conversations_user_id_fkey", FOREIGN_KEY, { user_id: randomUUID() }],
  [
    "conversations",
    "conversations_user_id_fkey",
    FOREIGN_KEY,
    async () => ({ user_id: (await createMember(await createTenant())).id }),
  ],
  ["conversations", "conversations_metadata_is_object_check", CHECK, { metadata: 7 }],
  ["messages", "messages_pkey", UNIQUE, () => ({ id: message.id })],
  ["messages", "messages_conversation_id_fkey", FOREIGN_KEY, { conversation_id: randomUUID() }],
  [
    "messages",
    "messages_conversation_id_fkey",
    FOREIGN_KEY,
    async () => {
      const stranger = await createMember(await createTenant());
      return { conversation_id: (await createMessage(stranger)).conversation_id };
    },
  ],
  ["messages", "messages_role_is_known_check", CHECK, { role: "tool" }],
  ["messages", "messages_content_is_not_empty_check", CHECK, { content: "" }],
  ["messages", "messages_token_count_is_not_negative_check", CHECK, { token_count: -1 }],
  ["messages", "messages_latency_ms_is_not_negative_check", CHECK, { latency_ms: -1 }],
  ["messages", "messages_metadata_is_object_check", CHECK, { metadata: [] }],
  ["feedback", "feedback_pkey", UNIQUE, async () => ({ id: (await storedFeedback()).id })],
  [
    "feedback",
    "feedback_message_id_user_id_key",
    UNIQUE,
    async () => ({ message_id: (await storedFeedback()).message_id }),
  ],
  ["feedback", "feedback_message_id_fkey", FOREIGN_KEY, { message_id: randomUUID() }],
  ["feedback", "feedback_user_id_fkey", FOREIGN_KEY, { user_id: randomUUID() }],
  ["feedback", "feedback_rating_is_up_or_down_check", CHECK, { rating: 0 }],
  ["feedback", "feedback_comment_is_at_most_5000_long_check", CHECK, { comment: "x".repeat(5001) }],
  ["usage_metrics", "usage_metrics_pkey", UNIQUE, async () => ({ id: (await storedUsage()).id })],
  [
    "usage_metrics",
    "usage_metrics_tenant_id_user_id_date_key",
    UNIQUE,
    async () => ({ date: (await storedUsage()).date }),
  ],
  ["usage_metrics", "usage_metrics_user_id_fkey", FOREIGN_KEY, { user_id: randomUUID() }],
  [
    "usage_metrics",
    "usage_metrics_prompt_tokens_is_not_negative_check",
    CHECK,
    { prompt_tokens: -1 },
  ],
  [
    "usage_metrics",
    "usage_metrics_completion_tokens_is_not_negative_check",
    CHECK,
    { completion_tokens: -1 },
  ],
  [
    "usage_metrics",
    "usage_metrics_request_count_is_not_negative_check",
    CHECK,
    { request_count: -1 },
  ],
  [
    "usage_metrics",
    "usage_metrics_estimated_cost_is_finite_and_not_negative_check",
    CHECK,
    { estimated_cost: -0.01 },
  ],
  [
    "usage_metrics",
    "usage_metrics_estimated_cost_is_finite_and_not_negative_check",
    CHECK,
    { estimated_cost: "NaN" },
  ],
]);

async function storedFeedback() {
  const { id: message_id } = await createMessage(ada);
  return insertedRow("feedback", { ...validRow("feedback"), message_id });
}

async function storedUsage() {
  const day = Math.floor(Math.random() * 20_000);
  const date = new Date(day * 86_400_000).toISOString().slice(0, 10);
  return insertedRow("usage_metrics", { ...validRow("usage_metrics"), date });
}

describe("the limits themselves are allowed", () => {
  test.each<[Table, Row]>([
    ["tenants", { temperature: 0, max_tokens: 1, rate_limit_per_minute: 1, daily_token_limit: 0 }],
    ["tenants", { temperature: 2 }],
    ["users", {}],
    ["conversations", { title: null }],
    ["messages", { token_count: 0, latency_ms: 0, content: " " }],
    ["usage_metrics", { prompt_tokens: 0, estimated_cost: 0 }],
  ])("%s %o", async (table, limits) => {
    expect((await insertRow(table, { ...validRow(table), ...limits })).error).toBeNull();
  });

  test("feedback with a comment of 5000 characters", async () => {
    const message_id = (await createMessage(ada)).id;
    const row = { ...validRow("feedback"), message_id, comment: "ä".repeat(5000) };
    expect((await insertRow("feedback", row)).error).toBeNull();
  });
});

test("a login has one membership", async () => {
  const { account } = await signUp();
  const invite = () =>
    insertRow("users", {
      ...validRow("users"),
      email: `${uniqueName("valid")}@test.example`,
      auth_id: account,
    });
  expect((await invite()).error).toBeNull();
  expect((await invite()).error?.code).toBe("23505");
});
