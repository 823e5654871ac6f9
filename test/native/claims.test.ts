import { afterAll, beforeAll, expect, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { createRow } from "../support/rows.ts";

import { type Caller, Session } from "./sessions.ts";

const REQUESTS = 10_000;

/** Ways in which a request ends; what it left behind, the next caller would meet. */
const requests: [how: string, statement: string, code?: string][] = [
  ["reads", "select tenant_id from conversations"],
  [
    "searches",
    "select content as tenant_id from match_embeddings(array_fill(1, array[1536])::vector)",
  ],
  ["writes", "update conversations set title = 'Alternating' returning tenant_id"],
  ["is refused", "insert into tenants (name, slug) values ('x', 'x')", "42501"],
  ["breaks a check", "insert into brands (name, slug) values (' ', 'x')", "23514"],
  ["fails", "select 1 / 0", "22012"],
];

const session = new Session("alternating");
let members: [Member, Member];

beforeAll(async () => {
  members = [await createOwner(), await createOwner()];
});
afterAll(() => session.end());

/** An owner of a tenant, with a conversation, and a document that says whose it is. */
async function createOwner(): Promise<Member> {
  const owner = await createMember(await createTenant(), { role: "owner" });
  await createRow("conversations", owner);
  await createRow("embeddings", owner, { content: owner.tenant_id, embedding: vector(1) });
  return owner;
}

test("two tenants take turns on one connection, 10,000 times, and neither meets the other's rows", async () => {
  const [{ pid } = {}] = await session.request<{ pid: number }>(
    { role: "service_role" },
    "select pg_backend_pid() as pid",
  );
  for (let i = 0; i < REQUESTS; i += 1) {
    const { account, tenant_id } = members[i % 2] as Member;
    const caller: Caller = { role: "authenticated", account };
    const [how, statement, code] = requests[
      Math.floor(i / 2) % requests.length
    ] as (typeof requests)[0];
    const rows = session.request<{ tenant_id: string }>(caller, statement);
    if (code) {
      await expect(rows, how).rejects.toMatchObject({ code });
      continue;
    }
    const tenants = new Set((await rows).map((row) => row.tenant_id));
    expect([...tenants], how).toEqual([tenant_id]);
    if (i % 7 === 0 && how !== "writes") {
      // Somebody who sees all of them comes between, by the same statement.
      const all = await session.request({ role: "service_role" }, statement);
      expect(all.length, how).toBeGreaterThanOrEqual(2);
    }
  }
  const [last] = await session.request({ role: "service_role" }, "select pg_backend_pid() as pid");
  expect(last).toEqual({ pid });
}, 120_000);
