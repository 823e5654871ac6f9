import postgres from "postgres";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";
import { isEnded, killOne, Session } from "./sessions.ts";

let ada: Member;
beforeAll(async () => {
  ada = await createMember(await createTenant());
});

/** Sessions of the schema's owner, which is the role that maintains. */
const owners = Array.from({ length: 4 }, () => new Session("maintaining", "postgres"));
afterAll(() => Promise.all(owners.map((owner) => owner.end())));

const OWNER = { role: "postgres" } as const;

test("concurrent refreshes during writes do not fail, and the last shows all rows", async () => {
  const { id: conversation_id } = await createRow("conversations", ada);
  let isWriting = true;
  const refreshing = owners.map(async (owner) => {
    const runs: { task: string | null; error: string | null }[] = [];
    while (isWriting) {
      runs.push(
        ...(await owner.request<{ task: string | null; error: string | null }>(
          OWNER,
          "select task, error from private.run_maintenance_task('refresh message_feedback_summary')",
        )),
      );
    }
    return runs;
  });
  for (let i = 0; i < 50; i += 1) {
    const { id: message_id } = await createRow("messages", ada, { conversation_id });
    const { error } = await ada.client.from("feedback").insert({ message_id, rating: 1 });
    expect(error).toBeNull();
  }
  isWriting = false;
  const runs = (await Promise.all(refreshing)).flat();
  expect(runs.filter(({ error }) => error)).toEqual([]);
  // A run does nothing while another one is active.
  expect(runs.some(({ task }) => task === null)).toBe(true);
  expect(runs.some(({ task }) => task !== null)).toBe(true);

  await asOwner()`select private.run_maintenance_task('refresh message_feedback_summary')`;
  const { data } = await ada.client.rpc("get_message_feedback_summary", {
    p_conversation_id: conversation_id,
  });
  expect(data?.map(({ feedback_count }) => feedback_count)).toEqual(new Array(50).fill(1));
}, 60_000);

test("each call is in exactly one table while sessions archive calls and are killed", async () => {
  const ROWS = 20_000;
  await asOwner()`
    insert into ai_usage (user_id, operation_type, model, created_at)
    select ${ada.account}, 'chat', 'gpt-4o', '2020-01-01' from generate_series(1, ${ROWS}::int)`;
  const left = async () => {
    const [stored] = await asOwner()`
      select count(*) filter (where not archived)::int as here, count(*)::int as all,
        count(distinct id)::int as different
      from (
        select id, false as archived from ai_usage where user_id = ${ada.account}
        union all
        select id, true from ai_usage_archive where user_id = ${ada.account}
      ) calls`;
    return stored as { here: number; all: number; different: number };
  };
  let kills = 0;
  const moving = owners.map(async (owner) => {
    for (;;) {
      const moved = await owner
        .request<{ rows: string }>(OWNER, "select private.move_old_ai_usage(500) as rows")
        .catch((error) => {
          if (!isEnded(error)) throw error;
          kills += 1;
          return undefined;
        });
      if (moved?.[0]?.rows === "0") return;
    }
  });
  for (let here = ROWS; here > 0; ) {
    const seen = await left();
    expect(seen).toMatchObject({ all: ROWS, different: ROWS });
    ({ here } = seen);
    if (kills < 10) await killOne("maintaining");
  }
  await Promise.all(moving);
  expect(kills).toBeGreaterThan(0);
  expect(await left()).toEqual({ here: 0, all: ROWS, different: ROWS });
}, 60_000);

test("archiving skips a conversation that is being written to, and does not wait", async () => {
  const [idle, busy] = await Promise.all(
    [1, 2].map(() => createRow("conversations", ada, { updated_at: "2020-01-01" })),
  );
  const writer = postgres(inject("stack").DB_URL, { max: 1, onnotice: () => {} });
  await writer.begin(async (sql) => {
    await sql`
      insert into messages (conversation_id, tenant_id, role, content)
      values (${busy?.id as string}, ${ada.tenant_id}, 'user', 'Not yet committed')`;
    await asOwner()`select private.archive_idle_conversations()`;
  });
  await writer.end();
  const { data } = await ada.client
    .from("conversations")
    .select("id, is_archived")
    .in("id", [idle?.id as string, busy?.id as string]);
  expect(data).toHaveLength(2);
  expect(data).toContainEqual({ id: idle?.id, is_archived: true });
  expect(data).toContainEqual({ id: busy?.id, is_archived: false });
});
