import { expect, test } from "vitest";
import { tables } from "../../scripts/contract/index.ts";
import { asOwner } from "../support/clients.ts";

/** The tables whose indexes and policies the platform's documents count. */
const ofTheDocuments = [
  tables.conversations,
  tables.messages,
  tables.feedback,
  tables.usage_metrics,
];

test("the contract rows promise 24 indexes and 15 policies in total", () => {
  const sum = (count: "indexes" | "policies") =>
    ofTheDocuments.reduce((total, { promised }) => total + (promised?.[count] ?? 0), 0);
  expect([sum("indexes"), sum("policies")]).toEqual([24, 15]);
});

test.each([
  ["conversations", "trigger_conversations_updated_at", "update_updated_at_column"],
  ["messages", "trigger_messages_update_conversation", "update_conversation_timestamp"],
])("%s has the trigger %s, which calls %s()", async (table, trigger, fn) => {
  const found = await asOwner()`
    select p.proname from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = ${`public.${table}`}::regclass and t.tgname = ${trigger} and t.tgenabled = 'O'`;
  expect(found).toEqual([{ proname: fn }]);
});

test("the index for pages of messages has the promised name", async () => {
  const found = await asOwner()`
    select from pg_indexes where tablename = 'messages'
      and indexname = 'idx_messages_conversation_created'`;
  expect(found).toHaveLength(1);
});

test.each([
  ["message_feedback_summary", "m"],
  ["monthly_usage_summary", "m"],
  ["current_day_usage", "v"],
])("%s has the relkind %s in the schema public", async (name, kind) => {
  const [found] = await asOwner()`
    select relkind from pg_class where oid = to_regclass(${`public.${name}`})`;
  expect(found?.relkind).toBe(kind);
});
