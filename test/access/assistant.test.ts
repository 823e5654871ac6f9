import { randomUUID } from "node:crypto";
import { systems } from "../../scripts/contract/access-matrix.ts";
import { describeAccess, insertedRow, type Row, stored } from "../support/access.ts";
import { createConversation, createMessage, type Member, must } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";

const newUser = ({ tenant_id }: Member): Row => {
  const id = randomUUID();
  return { id, tenant_id, email: `${id}@test.example` };
};

const newTenant = (): Row => {
  const id = randomUUID();
  return { id, name: "New", slug: `test-${id}` };
};

const newFeedback = async (subject: Member) => {
  const { id: message_id, tenant_id } = await createMessage(subject);
  return { tenant_id, user_id: subject.id, message_id, rating: 1 };
};

const newUsage = ({ tenant_id, id: user_id }: Member): Row => {
  const id = randomUUID();
  return { id, tenant_id, user_id, date: `20${id.replace(/\D/g, "").slice(0, 2)}-01-01` };
};

/** Today's row of the subject, anew. */
async function usageOfToday({ tenant_id, id: user_id }: Member) {
  const today = new Date().toISOString().slice(0, 10);
  const service = serviceClient();
  await service.from("usage_metrics").delete().match({ user_id, date: today });
  return must(await service.from("usage_metrics").insert({ tenant_id, user_id }).select().single());
}

/** The subject's own row, with the name that no update gives. */
async function unchanged(table: "tenants" | "users", id: string): Promise<Row> {
  await serviceClient().from(table).update({ name: "Unchanged" }).eq("id", id);
  return { id };
}

/** The same for each subject: nobody can change it, and a refresh takes its time. */
function once<T>(make: (subject: Member) => Promise<T>) {
  const made = new Map<string, Promise<T>>();
  return async (subject: Member): Promise<T> => {
    const row = made.get(subject.id) ?? make(subject);
    made.set(subject.id, row);
    return row;
  };
}

const summarizedFeedback = once(async (subject) => {
  const feedback = await newFeedback(subject);
  await insertedRow("feedback", feedback);
  await asOwner()`refresh materialized view concurrently public.message_feedback_summary`;
  return feedback;
});

const summarizedUsage = once(async ({ tenant_id, id: user_id }): Promise<Row> => {
  await insertedRow("usage_metrics", { tenant_id, user_id, date: "1999-12-31" });
  await asOwner()`refresh materialized view concurrently public.monthly_usage_summary`;
  return { user_id, month: "1999-12-01" };
});

describeAccess(systems.assistant, {
  rows: {
    tenants: {
      newRow: newTenant,
      existingRow: ({ tenant_id }) => unchanged("tenants", tenant_id),
      disposableRow: async ({ tenant_id }, outcome) =>
        outcome === "allowed" ? insertedRow("tenants", newTenant()) : { id: tenant_id },
      change: { name: "Changed" },
    },
    users: {
      newRow: newUser,
      existingRow: ({ id }) => unchanged("users", id),
      disposableRow: (subject) => insertedRow("users", newUser(subject)),
      change: { name: "Changed" },
    },
    conversations: {
      newRow: ({ tenant_id, id: user_id }) => ({ tenant_id, user_id, title: randomUUID() }),
      change: { title: "Changed" },
    },
    messages: {
      newRow: async (subject) => {
        const { id: conversation_id, tenant_id } = await createConversation(subject);
        return { tenant_id, conversation_id, role: "user", content: randomUUID() };
      },
      change: { content: "Changed" },
    },
    feedback: { newRow: newFeedback, change: { comment: "Changed" } },
    message_feedback_summary: {
      newRow: () => ({ message_id: randomUUID() }),
      existingRow: summarizedFeedback,
      change: { feedback_count: 77 },
      key: ["message_id"],
    },
    usage_metrics: {
      newRow: newUsage,
      existingRow: usageOfToday,
      change: { request_count: 77 },
    },
    current_day_usage: {
      newRow: ({ tenant_id, id: user_id }) => ({ id: randomUUID(), tenant_id, user_id }),
      existingRow: usageOfToday,
      change: { request_count: 77 },
    },
    monthly_usage_summary: {
      newRow: () => ({ user_id: randomUUID(), month: "1999-12-01" }),
      existingRow: summarizedUsage,
      change: { request_count: 77 },
      key: ["user_id", "month"],
    },
  },
  calls: {
    get_message_feedback_summary: async (subject) => {
      const { message_id } = await summarizedFeedback(subject);
      return {
        args: {},
        isReached: (rows) => !!rows?.some((row) => row.message_id === message_id),
      };
    },
    get_monthly_usage_summary: async (subject) => {
      await usageOfToday(subject);
      return { args: {}, isReached: (rows) => !!rows?.some((row) => row.user_id === subject.id) };
    },
    increment_usage_metrics: async (subject) => {
      const { id, tenant_id, user_id, date } = await usageOfToday(subject);
      return {
        args: {
          p_tenant_id: tenant_id,
          p_user_id: user_id,
          p_date: date,
          p_prompt_tokens: 1,
          p_completion_tokens: 1,
          p_cost: 0.1,
        },
        isReached: async () => {
          const [usage] = await stored("usage_metrics", { id });
          return usage?.request_count === 1;
        },
      };
    },
  },
});
