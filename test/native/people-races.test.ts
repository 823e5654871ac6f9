import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createInvitationLink,
  revokeInvitation,
  setMemberRole,
  type Tables,
} from "../../src/index.ts";
import {
  createLogin,
  createMember,
  createTenant,
  type Login,
  type Member,
} from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";
import { outcomesOf, Session, untilBlocked } from "./sessions.ts";

let sessions: Session[];
let people: Login[];

beforeAll(async () => {
  sessions = Array.from({ length: 20 }, () => new Session("racing"));
  people = await Promise.all(sessions.map(() => createLogin()));
});
afterAll(() => Promise.all(sessions.map((session) => session.end())));

/** Sends a statement in every session at once. Returns "done" or an error code for each. */
async function race(
  statement: (i: number) => [account: string | null, sql: string, values: unknown[]],
  among = sessions,
): Promise<string[]> {
  return outcomesOf(among, (session, i) => {
    const [account, sql, values] = statement(i);
    const caller = account
      ? ({ role: "authenticated", account } as const)
      : ({ role: "service_role" } as const);
    return session.request(caller, sql, values);
  });
}

const createOwner = async (values: Partial<Tables<"tenants">> = {}): Promise<Member> =>
  createMember(await createTenant(values), { role: "owner" });

const byService = async (id: string, change: Partial<Tables<"users">>) => {
  await serviceClient().from("users").update(change).eq("id", id).throwOnError();
};

const accept = "select private.accept_invitation($1)";

const membersOf = async (tenantId: string) => {
  const [found] = await asOwner()<{ members: number }[]>`
    select count(*)::int as members from users where tenant_id = ${tenantId}`;
  return found?.members;
};

test.each([
  [
    "by their functions",
    200,
    "42501",
    (owners: Member[], i: number) =>
      [owners[i]?.account ?? null, "select set_member_role($1, 'user')", [owners[1 - i]?.id]] as [
        string | null,
        string,
        unknown[],
      ],
  ],
  [
    "by the service role",
    50,
    "55000",
    (owners: Member[], i: number) =>
      [null, "update users set role = 'user' where id = $1", [owners[i]?.id]] as [
        string | null,
        string,
        unknown[],
      ],
  ],
] as const)(
  "one owner stays when two are demoted at the same time %s, in %i rounds",
  { timeout: 120_000 },
  async (_how, rounds, refusal, demote) => {
    const tenant = await createTenant();
    const owners = [
      await createMember(tenant, { role: "owner" }),
      await createMember(tenant, { role: "owner" }),
    ];
    for (let round = 0; round < rounds; round += 1) {
      const outcomes = await race((i) => demote(owners, i), sessions.slice(0, 2));
      expect(outcomes.toSorted()).toEqual([refusal, "done"]);
      const [left] = await asOwner()`
        select count(*)::int as owners from users
        where tenant_id = ${tenant.id} and role = 'owner'`;
      expect(left?.owners).toBe(1);
      for (const { id } of owners) await byService(id, { role: "owner" });
    }
  },
);

test.each(["repeatable read", "serializable"])(
  "a %s transaction, which does not see others' changes, takes no owner",
  async (isolation) => {
    const tenant = await createTenant();
    const owner = await createMember(tenant, { role: "owner" });
    const second = await createMember(tenant, { role: "owner" });
    const late = asOwner().begin(`isolation level ${isolation}`, async (sql) => {
      await sql`select count(*) from users`;
      await byService(second.id, { role: "user" });
      await sql`update users set role = 'user' where id = ${owner.id}`;
    });
    await expect(late).rejects.toMatchObject({ code: "25001" });
    const [left] = await asOwner()`select role from users where id = ${owner.id}`;
    expect(left?.role).toBe("owner");
  },
);

test("twenty accepts of one token by one person make one membership", async () => {
  const owner = await createOwner();
  const { id, token } = await createInvitationLink(owner.client, { maxUses: 1000 });
  const outcomes = await race(() => [people[0]?.account ?? null, accept, [token]]);
  expect(new Set(outcomes)).toEqual(new Set(["done"]));
  expect(await membersOf(owner.tenant_id)).toBe(2);
  const [used] = await asOwner()`select uses from invitations where id = ${id}`;
  expect(used?.uses).toBe(1);
});

test("twenty accepts of one token by twenty people make one membership", async () => {
  const owner = await createOwner();
  const { token } = await createInvitationLink(owner.client);
  const outcomes = await race((i) => [people[i]?.account ?? null, accept, [token]]);
  expect(outcomes.toSorted()).toEqual([...Array(19).fill("P0002"), "done"]);
  expect(await membersOf(owner.tenant_id)).toBe(2);
});

test("twenty accepts into three seats make three memberships", async () => {
  const owner = await createOwner({ seat_limit: 4 });
  const { token } = await createInvitationLink(owner.client, { maxUses: 1000 });
  const outcomes = await race((i) => [people[i]?.account ?? null, accept, [token]]);
  expect(outcomes.toSorted()).toEqual([...Array(17).fill("PT429"), "done", "done", "done"]);
  expect(await membersOf(owner.tenant_id)).toBe(4);
});

test("an invitation is accepted or revoked, not both", { timeout: 60_000 }, async () => {
  const owner = await createOwner();
  for (let round = 0; round < 40; round += 1) {
    const { id, token } = await createInvitationLink(owner.client);
    const person = await createLogin();
    const [accepted, revoked] = await race(
      (i) =>
        i === 0
          ? [person.account, accept, [token]]
          : [owner.account, "select revoke_invitation($1)", [id]],
      sessions.slice(0, 2),
    );
    const [membership] = await asOwner()`
      select from users where auth_id = ${person.account} and tenant_id = ${owner.tenant_id}`;
    expect([accepted, revoked, membership !== undefined]).toEqual(
      accepted === "done" ? ["done", "55000", true] : ["P0002", "done", false],
    );
  }
});

test("one invitation is pending after twenty of one address at the same time", async () => {
  const owner = await createOwner();
  const email = `${randomUUID()}@test.example`;
  const outcomes = await race(() => [owner.account, "select create_invitation($1)", [email]]);
  expect(outcomes.toSorted()).toEqual([...Array(19).fill("23505"), "done"]);
});

test("twenty tenants at the same time are not more than an account may own", async () => {
  const { account } = await createLogin();
  const outcomes = await race(() => [
    account,
    "select create_tenant('Acme', 'test-' || gen_random_uuid())",
    [],
  ]);
  expect(outcomes.toSorted()).toEqual([...Array(10).fill("PT429"), ...Array(10).fill("done")]);
});

test("revoking waits for an accept that is running, and is then refused", async () => {
  const owner = await createOwner();
  const { id, token } = await createInvitationLink(owner.client);
  const person = await createLogin();
  let revoking: Promise<unknown> = Promise.resolve();
  await asOwner().begin(async (sql) => {
    await sql`select set_config('request.jwt.claim.sub', ${person.account}, true)`;
    await sql`select private.accept_invitation(${token})`;
    revoking = revokeInvitation(owner.client, id).catch((error) => error);
    await untilBlocked(sql, revoking);
  });
  expect(await revoking).toMatchObject({ code: "55000" });
});

test("an account that changes its address while it is invited by the old one is linked once", async () => {
  const person = await createLogin();
  const tenant = await createTenant();
  const next = `${randomUUID()}@test.example`;
  await createRow("users", { tenant_id: tenant.id }, { email: next });
  let change: Promise<unknown> = Promise.resolve();
  await asOwner().begin(async (sql) => {
    await sql`insert into users (tenant_id, email) values (${tenant.id}, ${person.email})`;
    change =
      asOwner()`update auth.users set email = ${next} where id = ${person.account}`.execute();
    await untilBlocked(sql, change);
  });
  await change;
  const linked = await asOwner()`
    select email from users where auth_id = ${person.account} and tenant_id = ${tenant.id}`;
  expect(linked).toEqual([{ email: person.email }]);
});

test("a member who accepts again does not lock the tenant", async () => {
  const owner = await createOwner();
  const member = await createMember({ id: owner.tenant_id });
  const { id, token } = await createInvitationLink(owner.client);
  await revokeInvitation(owner.client, id);
  await asOwner().begin(async (sql) => {
    await sql`set local lock_timeout = '1s'`;
    await sql`select set_config('request.jwt.claim.sub', ${member.account}, true)`;
    await sql`select private.accept_invitation(${token})`;
    await setMemberRole(owner.client, member.id, "admin");
  });
});
