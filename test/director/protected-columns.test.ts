import { randomUUID } from "node:crypto";
import { beforeAll } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { createBrand, createSession, createSessionMessage } from "../support/director.ts";
import { describeProtectedColumns } from "../support/protected-columns.ts";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
});

describeProtectedColumns({
  brands: {
    own: async () => ({ client: ada.client, id: (await createBrand(ada)).id }),
    closed: [
      ["id", randomUUID()],
      ["tenant_id", randomUUID()],
      ["created_at", "2020-01-01"],
      ["updated_at", "2020-01-01"],
    ],
    open: { name: "New", slug: "new", description: "New", guidelines: { voice: "calm" } },
  },
  conversation_sessions: {
    own: async () => ({ client: ada.client, id: (await createSession(ada)).id }),
    closed: [
      ["id", randomUUID()],
      ["brand_id", randomUUID()],
      ["tenant_id", randomUUID()],
      ["user_id", randomUUID()],
      ["created_at", "2020-01-01"],
      ["last_activity_at", "2020-01-01"],
      ["completed_at", "2020-01-01"],
    ],
    open: {
      state: "clarifying",
      parsed_intent: { goal: "film" },
      answered_questions: { length: "30 s" },
      pending_questions: [{ id: "mood", text: "Which mood?" }],
      selected_kb_ids: ["00000000-0000-4000-8000-000000000001"],
      active_task_plan_id: "00000000-0000-4000-8000-000000000002",
    },
  },
  conversation_messages: {
    own: async () => {
      const { id } = await createSessionMessage(await createSession(ada));
      return { client: ada.client, id };
    },
    closed: [
      ["id", randomUUID()],
      ["session_id", randomUUID()],
      ["brand_id", randomUUID()],
      ["tenant_id", randomUUID()],
      ["user_id", randomUUID()],
      ["role", "assistant"],
      ["created_at", "2020-01-01"],
    ],
    open: {
      content: "New",
      tokens_used: 1,
      model_used: "gpt-4o",
      provider: "openai",
      cost_usd: 0.01,
      latency_ms: 2,
      action_taken: "ask",
      questions_asked: [{ id: "mood", text: "Which mood?" }],
      delegation_plan: { steps: [{ agent: "copywriter", task: "headline" }] },
    },
  },
});
