import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

/**
 * Two tenants, or two accounts, can use the same id. The maintenance must handle the row that is
 * due, and not its namesake.
 */

async function twoPeople(): Promise<[Member, Member]> {
  return [await createMember(await createTenant()), await createMember(await createTenant())];
}

/** Runs all batches of a task. */
async function run(task: string) {
  for (let rows = 1; rows > 0; ) {
    const [batch] = await asOwner()`
      select rows_affected::int as rows, error from private.run_maintenance_task(${task})`;
    expect(batch?.error).toBeNull();
    rows = batch?.rows;
  }
}

test("archiving an idle conversation does not archive another tenant's with its id", async () => {
  const [idle, busy] = await twoPeople();
  const id = randomUUID();
  await createRow("conversations", idle, { id, updated_at: "2020-01-01" });
  await createRow("conversations", busy, { id });
  await run("archive idle conversations");
  const found = await asOwner()`select tenant_id, is_archived from conversations where id = ${id}`;
  expect(Object.fromEntries(found.map((row) => [row.tenant_id, row.is_archived]))).toEqual({
    [idle.tenant_id]: true,
    [busy.tenant_id]: false,
  });
});

test("deleting a finished session does not delete another account's with its id", async () => {
  const [finished, open] = await twoPeople();
  const id = randomUUID();
  for (const member of [finished, open]) await createRow("conversation_sessions", member, { id });
  await asOwner().begin(async (sql) => {
    // The trigger would set the end of the session to the current time.
    await sql`set local session_replication_role = replica`;
    await sql`
      update conversation_sessions set state = 'delivered', completed_at = '2020-01-01'
      where id = ${id} and user_id = ${finished.account}`;
  });
  await run("delete finished sessions");
  const left = await asOwner()`select user_id from conversation_sessions where id = ${id}`;
  expect(left).toEqual([{ user_id: open.account }]);
});

test("archiving a call does not archive another account's with its id", async () => {
  const [old, recent] = await twoPeople();
  const id = randomUUID();
  await createRow("ai_usage", old, { id, created_at: "2020-01-01" });
  await createRow("ai_usage", recent, { id });
  await run("move old ai_usage");
  const accounts = async (table: string) =>
    (await asOwner()`select user_id from ${asOwner()(table)} where id = ${id}`).map(
      ({ user_id }) => user_id,
    );
  expect(await accounts("ai_usage_archive")).toEqual([old.account]);
  expect(await accounts("ai_usage")).toEqual([recent.account]);
});
