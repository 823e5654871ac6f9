import { expect, test } from "vitest";
import { asOwner } from "../support/clients.ts";

test("the seven functions exist", async () => {
  const promised = [
    "cancel_conversation_session(uuid)",
    "complete_conversation_session(uuid)",
    "get_conversation_history(uuid, integer)",
    "get_session_cost(uuid)",
    "get_session_message_stats(uuid)",
    "update_session_activity()",
    "update_session_on_message()",
  ];
  const found = await asOwner()`
    select format('%s(%s)', proname, oidvectortypes(proargtypes)) as name from pg_proc
    where pronamespace = 'public'::regnamespace
      and (proname like '%session%' or proname like '%conversation\\_history')
    order by 1`;
  expect(found.map(({ name }) => name)).toEqual(promised);
});

test("no column stores an API key", async () => {
  const found = await asOwner()`
    select column_name from information_schema.columns
    where table_schema = 'public' and column_name ~ 'api_?key|secret|password'`;
  expect(found).toEqual([]);
});
