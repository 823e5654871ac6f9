import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createConversation,
  createMember,
  createMessage,
  createTenant,
  type Member,
} from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createSession } from "../support/director.ts";
import { Session } from "./sessions.ts";

let ada: Member;
let sessions: Session[];

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
  sessions = Array.from({ length: 16 }, () => new Session("racing"));
});
afterAll(() => Promise.all(sessions.map((session) => session.end())));

/** Sends a statement of Ada's in every session at the same time; tells how each ended. */
async function race(statement: (i: number) => [sql: string, values: unknown[]]): Promise<string[]> {
  return Promise.all(
    sessions.map((session, i) =>
      session.request({ role: "authenticated", account: ada.account }, ...statement(i)).then(
        () => "done",
        (error: { code: string }) => error.code,
      ),
    ),
  );
}

const count = (outcomes: string[], outcome: string) =>
  outcomes.filter((found) => found === outcome).length;

test("of many who complete or cancel a session at the same time, one does", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await createSession(ada);
    const verbs = ["complete", "cancel"];
    const outcomes = await race((i) => [`select ${verbs[i % 2]}_conversation_session($1)`, [id]]);
    expect(count(outcomes, "done")).toBe(1);
    expect(count(outcomes, "55000")).toBe(outcomes.length - 1);
    const [stored] = await asOwner()`select state from conversation_sessions where id = ${id}`;
    expect(stored?.state).toBe(outcomes.indexOf("done") % 2 === 0 ? "delivered" : "cancelled");
  }
});

test("messages that race the end of their session are stored before it, or refused", async () => {
  const stored = async (id: string) => {
    const [row] = await asOwner()<{ messages: number }[]>`
      select count(*)::int as messages from conversation_messages where session_id = ${id}`;
    return row?.messages;
  };
  let refused = 0;
  // Until the end has overtaken somebody.
  for (let round = 0; round < 20 || (refused === 0 && round < 200); round += 1) {
    const { id } = await createSession(ada);
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

test("of many ratings of one message by one person at the same time, one is stored", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { id } = await createMessage(ada);
    const outcomes = await race((i) => [
      "insert into feedback (message_id, rating) values ($1, $2)",
      [id, i % 2 === 0 ? 1 : -1],
    ]);
    expect(count(outcomes, "done")).toBe(1);
    expect(count(outcomes, "23505")).toBe(outcomes.length - 1);
  }
});

test("messages of many at the same time all get in, and move their conversation", async () => {
  const { id } = await createConversation(ada, { updated_at: "2020-01-01" });
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
