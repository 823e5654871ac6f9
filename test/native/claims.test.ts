import { afterAll, beforeAll, expect, test } from "vitest";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { createRow } from "../support/rows.ts";

import { type Caller, Session } from "./sessions.ts";

const REQUESTS = 10_000;

/** Ways in which a request can end. State that it leaves behind would affect the next caller. */
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

/** Creates a tenant's owner with a conversation, and a document that contains the tenant's id. */
async function createOwner(): Promise<Member> {
  const owner = await createMember(await createTenant(), { role: "owner" });
  await createRow("conversations", owner);
  await createRow("embeddings", owner, { content: owner.tenant_id, embedding: vector(1) });
  return owner;
}

test("two tenants share a connection for 10,000 requests and see only their own rows", async () => {
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
      // In between, the service role runs the same statement and sees all rows.
      const all = await session.request({ role: "service_role" }, statement);
      expect(all.length, how).toBeGreaterThanOrEqual(2);
    }
  }
  const [last] = await session.request({ role: "service_role" }, "select pg_backend_pid() as pid");
  expect(last).toEqual({ pid });
}, 120_000);
