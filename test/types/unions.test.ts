import { expect, test } from "vitest";
import {
  feedbackRatings,
  messageRoles,
  sessionMessageRoles,
  sessionStates,
  userRoles,
} from "../../src/index.ts";
import { asOwner } from "../support/clients.ts";

/** The narrowed columns, with the values that the types allow. */
const unions = [
  ["users", "role", userRoles],
  ["messages", "role", messageRoles],
  ["feedback", "rating", feedbackRatings],
  ["conversation_sessions", "state", sessionStates],
  ["conversation_messages", "role", sessionMessageRoles],
] as const;

test.each(unions)("%s.%s has the values of its check", async (table, column, values) => {
  const [check] = await asOwner()<{ definition: string }[]>`
    select pg_get_constraintdef(c.oid) as definition
    from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid
    where c.conrelid = ${`public.${table}`}::regclass and c.contype = 'c'
      and a.attname = ${column} and c.conkey = array[a.attnum]`;
  const list = /ARRAY\[(.*)\]/.exec(check?.definition ?? "")?.[1] ?? "";
  const allowed = list.split(", ").map((value) => value.replace(/::\w+|[()']/g, ""));
  expect(allowed.sort()).toEqual(values.map(String).sort());
});
