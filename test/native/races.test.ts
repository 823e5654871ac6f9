import { randomUUID } from "node:crypto";
import type { ISql as Sql } from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

import { whatIfSignedIn } from "../support/what-if.ts";
import { outcomesOf, Session, untilBlocked } from "./sessions.ts";

let ada: Member;
let sessions: Session[];

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
  sessions = Array.from({ length: 16 }, () => new Session("racing"));
});
afterAll(() => Promise.all(sessions.map((session) => session.end())));

/** Sends a statement as Ada in every session at once. Returns "done" or an error code for each. */
async function race(statement: (i: number) => [sql: string, values: unknown[]]): Promise<string[]> {
  return outcomesOf(sessions, (session, i) =>
    session.request({ role: "authenticated", account: ada.account }, ...statement(i)),
  );
}

const count = (outcomes: string[], outcome: string) =>
  outcomes.filter((found) => found === outcome).length;

test("of many concurrent calls that complete or cancel a session, one succeeds", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await createRow("conversation_sessions", ada);
    const verbs = ["complete", "cancel"];
    const outcomes = await race((i) => [`select ${verbs[i % 2]}_conversation_session($1)`, [id]]);
    expect(count(outcomes, "done")).toBe(1);
    expect(count(outcomes, "55000")).toBe(outcomes.length - 1);
    const [stored] = await asOwner()`select state from conversation_sessions where id = ${id}`;
    expect(stored?.state).toBe(outcomes.indexOf("done") % 2 === 0 ? "delivered" : "cancelled");
  }
});

test("messages sent while their session ends are stored before its end, or refused", async () => {
  const stored = async (id: string) => {
    const [row] = await asOwner()<{ messages: number }[]>`
      select count(*)::int as messages from conversation_messages where session_id = ${id}`;
    return row?.messages;
  };
  let refused = 0;
  // Repeat until at least one message comes too late.
  for (let round = 0; round < 20 || (refused === 0 && round < 200); round += 1) {
    const { id } = await createRow("conversation_sessions", ada);
    const writing = race(() => [
      "insert into conversation_messages (session_id, role, content) values ($1, 'user', 'x')",
      [id],
    ]);
    const completed = await ada.client.rpc("complete_conversation_session", { p_session_id: id });
    const storedAtTheEnd = await stored(id);
    const outcomes = await writing;
    expect(completed.error).toBeNull();
    expect(count(outcomes, "done") + count(outcomes, "55000")).toBe(outcomes.length);
    expect(storedAtTheEnd).toBe(count(outcomes, "done"));
    expect(await stored(id)).toBe(storedAtTheEnd);
    refused += count(outcomes, "55000");
  }
  expect(refused).toBeGreaterThan(0);
});

test("one of a person's concurrent ratings of a message is stored, the others fail", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await createRow("messages", ada);
    const outcomes = await race((i) => [
      "insert into feedback (message_id, rating) values ($1, $2)",
      [id, i % 2 === 0 ? 1 : -1],
    ]);
    expect(count(outcomes, "done")).toBe(1);
    expect(count(outcomes, "23505")).toBe(outcomes.length - 1);
  }
});

test("a tenant that many switch at once is active or not as its last state says", async () => {
  const tenant = await createTenant();
  const switches = sessions.slice(1);
  for (let round = 0; round < 20; round += 1) {
    await Promise.all(
      switches.map((session) =>
        session.request(
          { role: "service_role" },
          "update tenants set is_active = not is_active where id = $1",
          [tenant.id],
        ),
      ),
    );
    const [found] = await asOwner()`
      select is_active as "isActive",
        not exists (select from private.inactive_tenants where tenant_id = id) as "isUnlisted"
      from tenants where id = ${tenant.id}`;
    // Each round ends in the other state, because it has an odd number of switches.
    const isActive = round % 2 === 1;
    expect(found).toEqual({ isActive, isUnlisted: isActive });
  }
});

const createAccount = (sql: Sql, email: string) => sql`
  insert into auth.users (id, email, email_confirmed_at)
  values (${randomUUID()}, ${email}, now())`;

describe("an account and an invitation that are created at the same time are linked", () => {
  const invite = (sql: Sql, email: string) => sql`
    insert into users (tenant_id, email) values (${ada.tenant_id}, ${email})`;

  test.each([
    ["the account", createAccount, invite],
    ["the invitation", invite, createAccount],
  ])("when %s is first", async (_name, first, second) => {
    const email = `${randomUUID()}@test.example`;
    let work: Promise<unknown> = Promise.resolve();
    await asOwner().begin(async (sql) => {
      await first(sql, email);
      // A query of postgres.js starts only when it is awaited.
      work = second(asOwner(), email).execute();
      await untilBlocked(sql, work);
    });
    await work;
    const found = await asOwner()`
      select a.email from users u join auth.users a on a.id = u.auth_id where u.email = ${email}`;
    expect(found).toEqual([{ email }]);
  });
});

test("an account that signs up does not take a membership that the backend just linked", async () => {
  const email = `${randomUUID()}@test.example`;
  const [{ account }, { id, tenant_id }] = [
    await createLogin(),
    await createRow("users", ada, { email }),
  ];
  let signUp: Promise<unknown> = Promise.resolve();
  await asOwner().begin(async (sql) => {
    await sql`
      update users set auth_id = ${account} where id = ${id} and tenant_id = ${tenant_id}`;
    signUp = createAccount(asOwner(), email).execute();
    await untilBlocked(sql, signUp);
  });
  await signUp;
  const [linked] = await asOwner()`select auth_id from users where id = ${id}`;
  expect(linked?.auth_id).toBe(account);
});

test("invitations of one account at the same time fail with no conflict", async () => {
  const { email } = await createLogin();
  const tenants = await Promise.all(sessions.map(() => createTenant()));
  await Promise.all(
    sessions.map((session, i) =>
      session.request(
        { role: "service_role" },
        "insert into users (tenant_id, email) values ($1, $2)",
        [tenants[i]?.id, email],
      ),
    ),
  );
  const [found] = await asOwner()`
    select count(auth_id)::int as linked from users where email = ${email}`;
  expect(found).toEqual({ linked: tenants.length });
});

test.each([
  ["conversations", "messages", "conversation_id"],
  ["conversation_sessions", "conversation_messages", "session_id"],
] as const)(
  "inserts into the same %s in another order do not wait for each other",
  async (...of) => {
    const [parents, children, column] = of;
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1) ids.push((await createRow(parents, ada)).id);
    const outcomes: string[] = [];
    for (let round = 0; round < 10; round += 1) {
      outcomes.push(
        ...(await race((i) => [
          `insert into ${children} (${column}, role, content)
          select p, 'user', 'x' from unnest($1::uuid[]) p, generate_series(1, 20)`,
          [i % 2 === 0 ? ids : ids.toReversed()],
        ])),
      );
    }
    expect(count(outcomes, "done")).toBe(outcomes.length);
  },
);

test("two imports of the same people in another order do not wait for each other", async () => {
  const emails = Array.from({ length: 300 }, () => `${randomUUID()}@test.example`);
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      sessions.map(async (session, i) => {
        const { id } = await createTenant();
        await session.request(
          { role: "service_role" },
          "insert into users (tenant_id, email) select $1, unnest($2::text[])",
          [id, i % 2 === 0 ? emails : emails.toReversed()],
        );
      }),
    );
  }
});

test("of several choices of a tenant at the same time, one is the default at the end", async () => {
  const person = await createMember(await createTenant());
  const { id: tenant_id } = await createTenant();
  await createRow("users", { tenant_id }, { email: person.email });
  for (let round = 0; round < 20; round += 1) {
    const choices = sessions.map((session, i) =>
      session.request(
        { role: "authenticated", account: person.account },
        "select choose_tenant($1)",
        [i % 2 === 0 ? person.tenant_id : tenant_id],
      ),
    );
    await Promise.all(choices);
    const defaults = await asOwner()`
      select from users where auth_id = ${person.account} and is_default`;
    expect(defaults).toHaveLength(1);
  }
});

test("switching a tenant off does not wait for a member who is writing", async () => {
  const writer = await createMember(await createTenant(), { role: "owner" });
  await whatIfSignedIn(writer, async (sql) => {
    await sql`set local role authenticated`;
    await sql`insert into conversations (title) values ('Mine')`;
    await sql`insert into brands (name, slug) values ('Mine', 'mine')`;
    await sql`update users set preferences = '{"theme": "dark"}' where id = ${writer.id}`;
    await asOwner().begin(async (other) => {
      await other`set local lock_timeout = '5s'`;
      await other`update tenants set is_active = false where id = ${writer.tenant_id}`;
    });
    expect(await sql`select from conversations`).toHaveLength(0);
  });
});

/** Creates a conversation of a tenant that is due for deletion. */
async function conversationOfDueTenant() {
  const conversation = await createRow("conversations", await createMember(await createTenant()));
  const due = { is_active: false, delete_after: "2020-01-01" };
  const tenants = serviceClient().from("tenants").update(due);
  await tenants.eq("id", conversation.tenant_id).throwOnError();
  return conversation;
}

test.each([
  ["called off", null],
  ["put off", "2999-01-01"],
])(
  "a tenant whose deletion is %s just before a batch is kept, with its rows",
  async (_how, time) => {
    const { id, tenant_id } = await conversationOfDueTenant();
    let batch: Promise<unknown> = Promise.resolve();
    await asOwner().begin(async (sql) => {
      await sql`update tenants set delete_after = ${time} where id = ${tenant_id}`;
      batch = asOwner()`select private.delete_tenants()`.execute();
      await untilBlocked(sql, batch);
    });
    await batch;
    expect(await asOwner()`select from conversations where id = ${id}`).toHaveLength(1);
  },
);

test("calling a deletion off waits for the batch that is running", async () => {
  const { id, tenant_id } = await conversationOfDueTenant();
  let callingOff: Promise<unknown> = Promise.resolve();
  await asOwner().begin(async (sql) => {
    const [batch] = await sql`select private.delete_tenants()::int as rows`;
    expect(batch?.rows).toBe(1);
    callingOff = asOwner()`
      update tenants set delete_after = null where id = ${tenant_id}`.execute();
    await untilBlocked(sql, callingOff);
  });
  await callingOff;
  expect(await asOwner()`select from conversations where id = ${id}`).toHaveLength(0);
  expect(await asOwner()`select from tenants where id = ${tenant_id}`).toHaveLength(1);
});

test("concurrent messages are all stored, and set updated_at of their conversation", async () => {
  const { id } = await createRow("conversations", ada, { updated_at: "2020-01-01" });
  for (let round = 0; round < 20; round += 1) {
    const outcomes = await race(() => [
      "insert into messages (conversation_id, role, content) values ($1, 'user', 'x')",
      [id],
    ]);
    expect(count(outcomes, "done")).toBe(outcomes.length);
  }
  const [stored] = await asOwner()`
    select count(*)::int as messages, max(m.created_at) = max(c.updated_at) as moved
    from messages m join conversations c on c.id = m.conversation_id
    where c.id = ${id}`;
  expect(stored).toEqual({ messages: 20 * sessions.length, moved: true });
});
