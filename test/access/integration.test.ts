import { randomUUID } from "node:crypto";
import { systems } from "../../scripts/contract/access-matrix.ts";
import { describeAccess, stored } from "../support/access.ts";
import type { Member } from "../support/actors.ts";
import {
  archivedUsage,
  createChat,
  createDocument,
  createUsage,
  vector,
} from "../support/integration.ts";

/** A document of the subject's, with a filter that finds no other. */
async function markedDocument(subject: Member) {
  const filter = { mark: randomUUID() };
  const { id } = await createDocument(subject, { metadata: filter });
  const isGone = async () => (await stored("embeddings", { id })).length === 0;
  return { id, filter, isGone };
}

describeAccess(systems.integration, {
  rows: {
    ai_conversations: {
      newRow: ({ account }) => ({ id: randomUUID(), user_id: account, title: "New" }),
      existingRow: createChat,
      change: { title: "Changed" },
    },
    embeddings: {
      newRow: ({ account }) => ({
        id: randomUUID(),
        user_id: account,
        content: "New",
        embedding: vector(1),
      }),
      existingRow: createDocument,
      change: { content: "Changed" },
    },
    ai_usage: {
      newRow: ({ account }) => ({
        user_id: account,
        operation_type: randomUUID(),
        model: "gpt-4o",
      }),
      existingRow: createUsage,
      change: { model: "Changed" },
    },
    ai_usage_archive: { newRow: archivedUsage, change: { model: "Changed" } },
  },
  calls: {
    append_to_ai_conversation: async (subject) => {
      const { id } = await createChat(subject);
      const messages = [{ role: "user", content: "Hello" }];
      return {
        args: { p_id: id, p_messages: messages },
        isReached: async () => {
          const [chat] = await stored("ai_conversations", { id });
          return JSON.stringify(chat?.messages) === JSON.stringify(messages);
        },
      };
    },
    clear_all_embeddings: async (subject) => {
      const { isGone } = await markedDocument(subject);
      return { args: {}, isReached: isGone };
    },
    delete_by_metadata: async (subject) => {
      const { filter, isGone } = await markedDocument(subject);
      return { args: { filter }, isReached: isGone };
    },
    get_usage_stats: async (subject) => {
      const { operation_type } = await createUsage(subject, { operation_type: randomUUID() });
      return {
        args: { p_user_id: subject.account },
        isReached: (rows) => !!rows?.some((row) => row.operation_type === operation_type),
      };
    },
    match_embeddings: async (subject) => {
      const { id, filter } = await markedDocument(subject);
      return {
        args: { query_embedding: vector(1), filter },
        isReached: (rows) => !!rows?.some((row) => row.id === id),
      };
    },
  },
});
