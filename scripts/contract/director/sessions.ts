import { self, writtenBySelf } from "../callers.ts";
import {
  anyId,
  anyTime,
  closed,
  fixed,
  generatedId,
  objects,
  open,
  stampedTime,
} from "../columns.ts";
import {
  daysAgo,
  type Fixtures,
  type FunctionContract,
  type Member,
  type TableContract,
} from "../table.ts";

export const conversation_sessions: TableContract<"conversation_sessions"> = {
  key: "user_id",
  userIs: "account",
  promised: { indexes: 6, policies: 4 },
  access: { select: [self, "nothing"], ...writtenBySelf },
  parents: { brand_id: "brands" },
  columns: {
    id: generatedId,
    brand_id: fixed(anyId),
    tenant_id: fixed(anyId),
    user_id: fixed(anyId),
    // A delivered session accepts no more messages.
    state: open("clarifying", {
      samples: ["initial", "planning", "delivered"],
      keepsStatistics: true,
    }),
    parsed_intent: open({ goal: "film" }, { samples: objects, atMost: { kilobytes: 64 } }),
    answered_questions: open({ length: "30 s" }, { atMost: { kilobytes: 64 } }),
    pending_questions: open([{ id: "mood", text: "Which mood?" }], { atMost: { kilobytes: 64 } }),
    selected_kb_ids: open(["00000000-0000-4000-8000-000000000001"], { atMost: { elements: 1000 } }),
    active_task_plan_id: open("00000000-0000-4000-8000-000000000002"),
    created_at: stampedTime,
    last_activity_at: closed(anyTime),
    completed_at: closed(anyTime, { samples: [null, null, "2025-03-01T12:00:00+00:00"] }),
  },
  valid: {},
  change: "state",
  refused: {
    conversation_sessions_state_is_known_check: [{ state: "done" }],
    conversation_sessions_completed_when_terminal_check: [
      { state: "delivered" },
      { state: "planning", completed_at: "2026-01-01" },
    ],
    conversation_sessions_parsed_intent_is_object_check: [{ parsed_intent: [] }],
    conversation_sessions_answered_questions_is_object_check: [{ answered_questions: [] }],
    conversation_sessions_pending_questions_is_array_check: [{ pending_questions: {} }],
  },
  indexes: {
    conversation_sessions_pkey: async ({ client, idOf }) =>
      client
        .from("conversation_sessions")
        .select()
        .eq("id", await idOf("conversation_sessions")),
    idx_conversation_sessions_user_activity: ({ client }) =>
      client.from("conversation_sessions").select().order("last_activity_at").limit(5),
    idx_conversation_sessions_open: async ({ client, idOf }) =>
      client
        .from("conversation_sessions")
        .select()
        .eq("brand_id", await idOf("brands", { slug: "filler-3" }))
        .is("completed_at", null)
        .order("last_activity_at", { ascending: false })
        .limit(1),
    // Deleting a brand makes the foreign key look up its sessions.
    idx_conversation_sessions_brand: async ({ client, fixtures, member }) => {
      const brand = await fixtures.row("brands", member);
      return client.from("brands").delete().eq("id", brand.id);
    },
    idx_conversation_sessions_idle: ({ sql }) => sql`
      select id from public.conversation_sessions
      where completed_at is null and last_activity_at at time zone 'utc' < ${daysAgo(290)}`,
    idx_conversation_sessions_finished: ({ sql }) => sql`select private.delete_finished_sessions()`,
  },
};

export const cancel_conversation_session: FunctionContract<"cancel_conversation_session"> =
  finishing("cancelled");

export const complete_conversation_session: FunctionContract<"complete_conversation_session"> =
  finishing("delivered");

/** The contract of a function that finishes an open session in this state. */
function finishing(state: string) {
  return {
    access: [self, "P0002"] as const,
    about: "p_session_id" as const,
    call: async (make: Fixtures, owner: Member) => {
      const { id } = await make.row("conversation_sessions", owner);
      return {
        args: { p_session_id: id },
        isReached: async () => {
          const [session] = await make.stored("conversation_sessions", { id });
          return session?.state === state;
        },
      };
    },
  };
}
