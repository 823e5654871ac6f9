import { byService, members, tenant, writtenByNobody, writtenBySelf } from "../callers.ts";
import { anyId, fixed, generatedId, open, stampedTime, texts } from "../columns.ts";
import type { FunctionContract, TableContract, ViewContract } from "../table.ts";

/** Selects an assistant's message, because members rate these. */
const answer = { role: "assistant" };

export const feedback: TableContract<"feedback"> = {
  key: "tenant_id",
  userIs: "membership",
  promised: { indexes: 5, policies: 4 },
  access: { select: [tenant, "nothing"], ...writtenBySelf },
  parents: { message_id: "messages" },
  columns: {
    id: generatedId,
    // Update of message_id is granted, because an upsert also sets the columns of its conflict target. The foreign key rejects messages
    // of other tenants.
    message_id: open(anyId, { refusal: "23503" }),
    tenant_id: fixed(anyId),
    user_id: fixed(anyId),
    rating: open(-1, { samples: [-1, 1, 1] }),
    comment: open("On second thoughts", { samples: texts, atMost: { characters: 5000 } }),
    created_at: stampedTime,
  },
  valid: { rating: 1 },
  change: "comment",
  refused: {
    feedback_rating_is_up_or_down_check: [{ rating: 0 }],
  },
  uniqueBeyondKey: {
    feedback_message_id_user_id_key:
      "promised by the contract; each user and message belongs to one tenant",
  },
  indexes: {
    feedback_pkey: async ({ backend, idOf }) =>
      backend
        .from("feedback")
        .select()
        .eq("id", await idOf("feedback")),
    feedback_message_id_user_id_key: async ({ backend, member: { id, tenant_id }, idOf }) =>
      backend
        .from("feedback")
        .upsert(
          { message_id: await idOf("messages", answer), user_id: id, tenant_id, rating: 1 },
          { onConflict: "message_id,user_id" },
        ),
    idx_feedback_message: async ({ client, idOf }) =>
      client
        .from("feedback")
        .select()
        .eq("message_id", await idOf("messages")),
    idx_feedback_user: ({ client, member }) =>
      client.from("feedback").select().eq("user_id", member.id),
    idx_feedback_tenant_id: ({ client }) => client.from("feedback").select().order("id").limit(20),
  },
};

export const message_feedback_summary: ViewContract = {
  access: { select: byService, ...writtenByNobody },
  shown: async (make, owner) => {
    const { message_id } = await make.row("feedback", owner);
    await make.refresh("message_feedback_summary");
    return { message_id };
  },
  attempt: () => ({ message_id: anyId() }),
  change: { feedback_count: 77 },
  indexes: {
    idx_message_feedback_summary_conversation: async ({ backend, member, idOf }) =>
      backend
        .from("message_feedback_summary")
        .select()
        .eq("tenant_id", member.tenant_id)
        .eq("conversation_id", await idOf("conversations")),
    idx_message_feedback_summary_message: async ({ backend, idOf }) =>
      backend
        .from("message_feedback_summary")
        .select()
        .eq("message_id", await idOf("messages")),
  },
};

export const get_message_feedback_summary: FunctionContract<"get_message_feedback_summary"> = {
  access: [members, "nothing"],
  about: "p_conversation_id",
  call: async (make, owner) => {
    const { id: conversation_id } = await make.row("conversations", owner);
    const { id: message_id } = await make.row("messages", owner, { conversation_id });
    await make.row("feedback", owner, { message_id });
    return {
      args: { p_conversation_id: conversation_id },
      isReached: (rows) => !!rows?.some((row) => row.message_id === message_id),
    };
  },
};
