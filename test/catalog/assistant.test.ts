import { describe, expect, test } from "vitest";
import { tableTotals } from "../support/catalog.ts";
import { asOwner } from "../support/clients.ts";

/** The totals that the platform's documents check for its four chat tables. */
const promised = {
  conversations: { indexes: 6, policies: 4 },
  messages: { indexes: 6, policies: 4 },
  feedback: { indexes: 5, policies: 4 },
  usage_metrics: { indexes: 7, policies: 3 },
};

describe.each(Object.entries(promised))("%s", (table, { indexes, policies }) => {
  test(`has ${indexes} indexes, ${policies} policies and RLS on`, async () => {
    expect(await tableTotals(table)).toEqual({ indexes, policies, rls: true });
  });
});

test.each([
  ["conversations", "trigger_conversations_updated_at", "update_updated_at_column"],
  ["messages", "trigger_messages_update_conversation", "update_conversation_timestamp"],
])("%s has %s using %s()", async (table, trigger, fn) => {
  const found = await asOwner()`
    select p.proname from pg_trigger t join pg_proc p on p.oid = t.tgfoid
    where t.tgrelid = ${`public.${table}`}::regclass and t.tgname = ${trigger} and t.tgenabled = 'O'`;
  expect(found).toEqual([{ proname: fn }]);
});

test("the page index of messages has its promised name", async () => {
  const found = await asOwner()`
    select from pg_indexes where tablename = 'messages'
      and indexname = 'idx_messages_conversation_created'`;
  expect(found).toHaveLength(1);
});

test.each([
  ["message_feedback_summary", "m"],
  ["monthly_usage_summary", "m"],
  ["current_day_usage", "v"],
])("%s is of kind %s in the schema public", async (name, kind) => {
  const [found] = await asOwner()`
    select relkind from pg_class where oid = to_regclass(${`public.${name}`})`;
  expect(found?.relkind).toBe(kind);
});
