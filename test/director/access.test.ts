import { randomUUID } from "node:crypto";
import { allTenant, describeAccess, type Row, selfOnly } from "../support/access.ts";
import type { Member } from "../support/actors.ts";
import { createBrand, createSession, createSessionMessage } from "../support/director.ts";

const admins = ["admin", "owner", "service"] as const;

/** Somebody else's session and one that does not exist are the same to these. */
const notTheirSession = {
  colleague: "23503",
  admin: "23503",
  owner: "23503",
  "other tenant": "23503",
  "without membership": "23503",
};

const newSession = async (subject: Member): Promise<Row> => ({
  brand_id: (await createBrand(subject)).id,
  tenant_id: subject.tenant_id,
  user_id: subject.account,
});

const messageOfToday = async (subject: Member) =>
  createSessionMessage(await createSession(subject), { provider: randomUUID() });

describeAccess(
  {
    brands: {
      select: { allowed: allTenant, others: "nothing" },
      insert: { allowed: admins, others: "42501" },
      update: { allowed: admins, others: "nothing" },
      delete: { allowed: admins, others: "nothing" },
    },
    conversation_sessions: {
      select: { allowed: selfOnly, others: "nothing" },
      insert: { allowed: selfOnly, others: "42501" },
      update: { allowed: selfOnly, others: "nothing" },
      delete: { allowed: selfOnly, others: "nothing" },
    },
    conversation_messages: {
      select: { allowed: selfOnly, others: "nothing" },
      insert: { allowed: selfOnly, others: "42501", except: notTheirSession },
      update: { allowed: selfOnly, others: "nothing" },
      delete: { allowed: selfOnly, others: "nothing" },
    },
  },
  {
    brands: {
      newRow: ({ tenant_id }) => ({ tenant_id, name: "New", slug: randomUUID() }),
      change: { name: "Changed" },
    },
    conversation_sessions: { newRow: newSession, change: { state: "planning" } },
    conversation_messages: {
      newRow: async (subject) => ({
        session_id: (await createSession(subject)).id,
        user_id: subject.account,
        role: "user",
        content: randomUUID(),
      }),
      existingRow: messageOfToday,
      change: { content: "Changed" },
    },
  },
);
