import { randomInt, randomUUID } from "node:crypto";
import { systems } from "../../scripts/contract/access-matrix.ts";
import { describeAccess, type Row, stored } from "../support/access.ts";
import type { Member } from "../support/actors.ts";
import { createBrand, createSession, createSessionMessage } from "../support/director.ts";

const newSession = async (subject: Member): Promise<Row> => ({
  brand_id: (await createBrand(subject)).id,
  tenant_id: subject.tenant_id,
  user_id: subject.account,
});

const newMessage = async (subject: Member, values: Parameters<typeof createSessionMessage>[1]) =>
  createSessionMessage(await createSession(subject), values);

/** A day that nobody else writes on. */
const newDay = () => new Date(Date.UTC(3000 + randomInt(5000), 0, randomInt(365))).toISOString();

/** Takes a session of the subject's to a state. */
const finish = (state: string) => async (subject: Member) => {
  const { id } = await createSession(subject);
  return {
    args: { p_session_id: id },
    isReached: async () => {
      const [session] = await stored("conversation_sessions", { id });
      return session?.state === state;
    },
  };
};

describeAccess(systems.director, {
  rows: {
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
      change: { content: "Changed" },
    },
    provider_usage_stats: {
      newRow: () => ({ provider: randomUUID(), message_count: 1 }),
      existingRow: (subject) => newMessage(subject, { provider: randomUUID() }),
      change: { message_count: 77 },
      key: ["provider"],
    },
    daily_message_volume: {
      newRow: () => ({ day: newDay().slice(0, 10), message_count: 1 }),
      existingRow: async (subject) => {
        const { created_at } = await newMessage(subject, { created_at: newDay() });
        return { day: created_at.slice(0, 10) };
      },
      change: { message_count: 77 },
      key: ["day"],
    },
  },
  calls: {
    cancel_conversation_session: finish("cancelled"),
    complete_conversation_session: finish("delivered"),
    get_conversation_history: async (subject) => {
      const { id, session_id } = await newMessage(subject, {});
      return {
        args: { p_session_id: session_id },
        isReached: (rows) => !!rows?.some((row) => row.id === id),
      };
    },
    get_session_cost: async (subject) => {
      const { session_id } = await newMessage(subject, { cost_usd: 0.25 });
      return { args: { p_session_id: session_id }, isReached: (cost) => Number(cost) > 0 };
    },
    get_session_message_stats: async (subject) => {
      const { session_id } = await newMessage(subject, {});
      return {
        args: { p_session_id: session_id },
        isReached: (rows) => Number(rows?.[0]?.total_messages) > 0,
      };
    },
  },
});
