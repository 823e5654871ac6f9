import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
import type { Tables } from "../../src/index.ts";
import type { Row, Table } from "../support/access.ts";
import { createMember, createTenant, type Member, uniqueName } from "../support/actors.ts";
import { CHECK, describeConstraints, FOREIGN_KEY, UNIQUE } from "../support/constraints.ts";
import { createBrand, createSession, createSessionMessage } from "../support/director.ts";

let ada: Member;
let outsider: Member;
let brand: Tables<"brands">;
let session: Tables<"conversation_sessions">;

beforeAll(async () => {
  [ada, outsider] = await Promise.all([
    createMember(await createTenant()),
    createMember(await createTenant()),
  ]);
  brand = await createBrand(ada);
  session = await createSession(ada, { brand_id: brand.id });
});

function validRow(table: Table): Row {
  const rows: Partial<Record<Table, Row>> = {
    brands: { tenant_id: ada.tenant_id, name: "Valid", slug: uniqueName("brand") },
    conversation_sessions: {
      brand_id: brand.id,
      tenant_id: ada.tenant_id,
      user_id: ada.account,
    },
    conversation_messages: { session_id: session.id, role: "user", content: "Valid" },
  };
  return rows[table] ?? {};
}

describeConstraints(
  validRow,
  [
    ["brands", "brands_pkey", UNIQUE, () => ({ id: brand.id })],
    ["brands", "brands_tenant_id_slug_key", UNIQUE, () => ({ slug: brand.slug })],
    ["brands", "brands_tenant_id_fkey", FOREIGN_KEY, { tenant_id: randomUUID() }],
    ["brands", "brands_name_is_not_blank_check", CHECK, { name: "" }],
    ["brands", "brands_slug_is_kebab_case_check", CHECK, { slug: "No Kebab" }],
    ["brands", "brands_guidelines_is_object_check", CHECK, { guidelines: [] }],
    ["conversation_sessions", "conversation_sessions_pkey", UNIQUE, () => ({ id: session.id })],
    [
      "conversation_sessions",
      "conversation_sessions_brand_id_fkey",
      FOREIGN_KEY,
      { brand_id: randomUUID() },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_brand_id_fkey",
      FOREIGN_KEY,
      async () => ({ brand_id: (await createBrand(outsider)).id }),
    ],
    [
      "conversation_sessions",
      "conversation_sessions_user_id_fkey",
      FOREIGN_KEY,
      { user_id: randomUUID() },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_state_is_known_check",
      CHECK,
      { state: "done" },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_completed_when_terminal_check",
      CHECK,
      { state: "delivered" },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_completed_when_terminal_check",
      CHECK,
      { state: "planning", completed_at: "2026-01-01" },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_parsed_intent_is_object_check",
      CHECK,
      { parsed_intent: [] },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_answered_questions_is_object_check",
      CHECK,
      { answered_questions: [] },
    ],
    [
      "conversation_sessions",
      "conversation_sessions_pending_questions_is_array_check",
      CHECK,
      { pending_questions: {} },
    ],
    [
      "conversation_messages",
      "conversation_messages_pkey",
      UNIQUE,
      async () => ({ id: (await createSessionMessage(session)).id }),
    ],
    ["conversation_messages", "conversation_messages_role_is_known_check", CHECK, { role: "bot" }],
    [
      "conversation_messages",
      "conversation_messages_tokens_used_is_not_negative_check",
      CHECK,
      { tokens_used: -1 },
    ],
    [
      "conversation_messages",
      "conversation_messages_cost_usd_is_0_to_a_billion_check",
      CHECK,
      { cost_usd: "NaN" },
    ],
    [
      "conversation_messages",
      "conversation_messages_latency_ms_is_not_negative_check",
      CHECK,
      { latency_ms: -1 },
    ],
    [
      "conversation_messages",
      "conversation_messages_questions_asked_is_array_check",
      CHECK,
      { questions_asked: {} },
    ],
    [
      "conversation_messages",
      "conversation_messages_delegation_plan_is_object_check",
      CHECK,
      { delegation_plan: [] },
    ],
  ],
  {
    // Its trigger finds the session first, and refuses what these would.
    conversation_messages_session_id_fkey: "private.fill_message_from_session()",
    conversation_messages_user_id_fkey: "private.fill_message_from_session()",
  },
);
