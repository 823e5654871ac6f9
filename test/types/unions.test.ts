import { expect, test } from "vitest";
import {
  type Enums,
  feedbackRatings,
  messageRoles,
  sessionMessageRoles,
  sessionStates,
  userRoles,
} from "../../src/index.ts";
import { checks } from "../../src/schema/checks.ts";
import { asOwner } from "../support/clients.ts";

/** The columns whose values the package exports as constants. */
const unions = {
  "users.role": userRoles,
  "messages.role": messageRoles,
  "feedback.rating": feedbackRatings,
  "conversation_sessions.state": sessionStates,
  "conversation_messages.role": sessionMessageRoles,
} as const;

type Listed = { [C in keyof typeof unions]: (typeof unions)[C][number] };
type Narrowed = { [C in keyof typeof unions]: Enums<C> };

/** Compiles only if these columns have exactly these values. */
export const same: [Narrowed, Listed] = [{} as Listed, {} as Narrowed];

/** Returns the values that the single-column checks of `public` list, by column. */
async function readChecks(): Promise<Record<string, string[]>> {
  const checks = await asOwner()<{ name: string; definition: string }[]>`
    select t.relname || '.' || a.attname as name, pg_get_constraintdef(c.oid) as definition
    from pg_constraint c
    join pg_class t on t.oid = c.conrelid
    join pg_attribute a on a.attrelid = c.conrelid and c.conkey = array[a.attnum]
    where c.contype = 'c' and c.connamespace = 'public'::regnamespace`;
  const lists = checks.flatMap(({ name, definition }) => {
    const list = /= ANY \(+ARRAY\[(.*?)\]/.exec(definition)?.[1];
    const values = list?.split(", ").map((value) => value.replace(/::\w+|[()']/g, ""));
    return values ? [[name, values.sort()]] : [];
  });
  return Object.fromEntries(lists);
}

test("every column whose check lists its values is narrowed to them", async () => {
  const known = Object.entries(checks).flatMap(([table, columns]) =>
    Object.entries<readonly (string | number)[]>(columns).map(([column, values]) => {
      return [`${table}.${column}`, values.map(String).sort()] as const;
    }),
  );
  expect(await readChecks()).toEqual(Object.fromEntries(known));
});

test.each(Object.entries(unions))("the package exports the values of %s", (name, values) => {
  const [table, column] = name.split(".") as [keyof typeof checks, string];
  expect(values).toBe(checks[table][column as never]);
});
