import { randomUUID } from "node:crypto";
import {
  allTenant,
  describeAccess,
  insertedRow,
  type Row,
  selfOnly,
  serviceOnly,
} from "../support/access.ts";
import { createConversation, createMessage, type Member } from "../support/actors.ts";
import { serviceClient } from "../support/clients.ts";

const usageReaders = ["self", "admin", "owner", "service"] as const;

const newUser = ({ tenant_id }: Member): Row => {
  const id = randomUUID();
  return { id, tenant_id, email: `${id}@test.example` };
};

const newTenant = (): Row => {
  const id = randomUUID();
  return { id, name: "New", slug: `test-${id}` };
};

const newUsage = ({ tenant_id, id: user_id }: Member): Row => {
  const id = randomUUID();
  return { id, tenant_id, user_id, date: `20${id.replace(/\D/g, "").slice(0, 2)}-01-01` };
};

/** Today's row of the subject, anew. */
async function usageOfToday({ tenant_id, id: user_id }: Member): Promise<Row> {
  await serviceClient().from("usage_metrics").delete().eq("user_id", user_id);
  return insertedRow("usage_metrics", { tenant_id, user_id });
}

/** The subject's own row, with the name that no update gives. */
async function unchanged(table: "tenants" | "users", id: string): Promise<Row> {
  await serviceClient().from(table).update({ name: "Unchanged" }).eq("id", id);
  return { id };
}

describeAccess(
  {
    tenants: {
      select: { allowed: allTenant, others: "nothing" },
      insert: { allowed: serviceOnly, others: "42501" },
      update: { allowed: ["admin", "owner", "service"], others: "nothing" },
      delete: { allowed: serviceOnly, others: "42501" },
    },
    users: {
      select: { allowed: allTenant, others: "nothing" },
      insert: { allowed: serviceOnly, others: "42501" },
      update: { allowed: selfOnly, others: "nothing" },
      delete: { allowed: serviceOnly, others: "42501" },
    },
    conversations: {
      select: { allowed: allTenant, others: "nothing" },
      insert: { allowed: selfOnly, others: "42501" },
      update: { allowed: selfOnly, others: "nothing" },
      delete: { allowed: selfOnly, others: "nothing" },
    },
    messages: {
      select: { allowed: allTenant, others: "nothing" },
      insert: { allowed: selfOnly, others: "42501" },
      update: { allowed: selfOnly, others: "nothing" },
      delete: { allowed: selfOnly, others: "nothing" },
    },
    feedback: {
      select: { allowed: allTenant, others: "nothing" },
      insert: { allowed: selfOnly, others: "42501" },
      update: { allowed: selfOnly, others: "nothing" },
      delete: { allowed: selfOnly, others: "nothing" },
    },
    usage_metrics: {
      select: { allowed: usageReaders, others: "nothing" },
      insert: { allowed: serviceOnly, others: "42501" },
      update: { allowed: serviceOnly, others: "42501" },
      delete: { allowed: serviceOnly, others: "42501" },
    },
    current_day_usage: {
      select: { allowed: usageReaders, others: "nothing" },
    },
  },
  {
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
    feedback: {
      newRow: async (subject) => {
        const { id: message_id, tenant_id } = await createMessage(subject);
        return { tenant_id, user_id: subject.id, message_id, rating: 1 };
      },
      change: { comment: "Changed" },
    },
    usage_metrics: {
      newRow: newUsage,
      existingRow: usageOfToday,
      change: { request_count: 77 },
    },
    current_day_usage: { newRow: newUsage, existingRow: usageOfToday, change: {} },
  },
);
