import { expect, test } from "vitest";
import { asOwner } from "../support/clients.ts";

/** What signed-in users may write, column by column. Whatever is not here is set by nobody's client. */
const writable: Record<string, { insert?: string; update?: string }> = {
  tenants: {
    update: "name llm_provider llm_model temperature max_tokens system_prompt features branding",
  },
  users: { update: "name preferences last_active_at" },
  conversations: {
    insert: "tenant_id user_id title metadata is_archived",
    update: "title metadata is_archived",
  },
  messages: {
    insert: "conversation_id tenant_id role content token_count model_used latency_ms metadata",
    update: "content token_count model_used latency_ms metadata",
  },
  feedback: {
    insert: "message_id tenant_id user_id rating comment",
    update: "message_id rating comment",
  },
  brands: {
    insert: "tenant_id name slug description guidelines",
    update: "name slug description guidelines",
  },
  conversation_sessions: {
    insert: `brand_id tenant_id user_id state parsed_intent answered_questions pending_questions
      selected_kb_ids active_task_plan_id`,
    update: `state parsed_intent answered_questions pending_questions selected_kb_ids
      active_task_plan_id`,
  },
  conversation_messages: {
    insert: `session_id brand_id tenant_id user_id role content tokens_used model_used provider
      cost_usd latency_ms action_taken questions_asked delegation_plan`,
    update: `content tokens_used model_used provider cost_usd latency_ms action_taken
      questions_asked delegation_plan`,
  },
  ai_conversations: {
    insert: "id user_id title model messages total_tokens total_cost",
    update: "id title model messages total_tokens total_cost",
  },
  embeddings: {
    insert: "id user_id content embedding metadata",
    update: "id content embedding metadata",
  },
};

test.each(["insert", "update"] as const)("signed-in users may %s these columns", async (verb) => {
  const granted = await asOwner()<{ name: string }[]>`
    select format('%s.%s', c.relname, a.attname) as name
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm')
      and a.attnum > 0 and not a.attisdropped
      and has_column_privilege('authenticated', c.oid, a.attnum, ${verb})`;
  const listed = Object.entries(writable).flatMap(([table, columns]) =>
    (columns[verb]?.split(/\s+/) ?? []).map((column) => `${table}.${column}`),
  );
  expect(granted.map(({ name }) => name).sort()).toEqual(listed.sort());
});
