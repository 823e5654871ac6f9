import { readFileSync } from "node:fs";
import type postgres from "postgres";
import { expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { demoSignIns } from "../../scripts/contract/sign-ins.ts";

import { asOwner } from "../support/clients.ts";

const seed = readFileSync(new URL("../../supabase/seed.sql", import.meta.url), "utf8");

const SLUGS = ["test-acme", "test-globex", "test-initech"];

class RollBack extends Error {}

/** Runs a test in a transaction that is rolled back, so that other tests can run concurrently. */
async function inRolledBack(run: (sql: postgres.TransactionSql) => Promise<void>) {
  const rolledBack = asOwner().begin(async (sql) => {
    await run(sql);
    throw new RollBack();
  });
  await expect(rolledBack).rejects.toBeInstanceOf(RollBack);
}

async function seededCounts(sql: postgres.TransactionSql) {
  const [counts] = await sql`
    with
      seeded as (select id from tenants where slug = any (${SLUGS})),
      accounts as (select id from auth.users where email = any (${demoSignIns.emails}))
    select
      (select count(*)::int from seeded) as tenants,
      (select count(*)::int from users where tenant_id in (select id from seeded)) as users,
      (select count(*)::int from conversations where tenant_id in (select id from seeded))
        as conversations,
      (select count(*)::int from messages where tenant_id in (select id from seeded)) as messages,
      (select count(*)::int from feedback where tenant_id in (select id from seeded)) as feedback,
      (select count(*)::int from usage_metrics where tenant_id in (select id from seeded))
        as usage_metrics,
      (select count(*)::int from brands where tenant_id in (select id from seeded)) as brands,
      (select count(*)::int from conversation_sessions where tenant_id in (select id from seeded))
        as sessions,
      (select count(*)::int from conversation_messages where tenant_id in (select id from seeded))
        as session_messages,
      (select count(*)::int from ai_conversations where user_id in (select id from accounts))
        as ai_conversations,
      (select count(*)::int from embeddings where user_id in (select id from accounts))
        as embeddings,
      (select count(*)::int from embeddings where user_id is null and id in ('demo-refunds', 'demo-shipping'))
        as public_embeddings,
      (select count(*)::int from ai_usage where user_id in (select id from accounts)) as ai_usage`;
  return counts;
}

const PROMISED = {
  tenants: 3,
  users: 7,
  conversations: 7,
  messages: 14,
  feedback: 7,
  usage_metrics: 11,
  brands: 3,
  sessions: 3,
  session_messages: 6,
  ai_conversations: 3,
  embeddings: 3,
  public_embeddings: 2,
  ai_usage: 5,
};

test("the seed loads the promised rows once, even if it runs twice", async () => {
  await inRolledBack(async (sql) => {
    await sql.unsafe(seed).simple();
    expect(await seededCounts(sql)).toEqual(PROMISED);
    await sql.unsafe(seed).simple();
    expect(await seededCounts(sql)).toEqual(PROMISED);
  });
});

test("the seed's people are those in the welcome message, each linked to an account", async () => {
  await inRolledBack(async (sql) => {
    await sql.unsafe(seed).simple();
    const people = await sql`
      select u.email, u.name, u.role, t.name as tenant
      from users u
      join tenants t on t.id = u.tenant_id
      join auth.users a on a.id = u.auth_id and a.email = u.email
      where u.tenant_id in (select id from tenants where slug = any (${SLUGS}))
      order by u.email, t.slug`;
    const { people: first, guest } = demoSignIns;
    const byEmail = (a: { email: string }, b: { email: string }) => (a.email < b.email ? -1 : 1);
    expect([...people]).toEqual([...first, guest].sort(byEmail));
  });
});

test("the seed's rows have different settings, states, ratings and days", async () => {
  await inRolledBack(async (sql) => {
    await sql.unsafe(seed).simple();
    const [variety] = await sql`
      with seeded as (select * from tenants where slug = any (${SLUGS}))
      select
        (select count(distinct (llm_provider, llm_model, temperature))::int from seeded) as settings,
        (select count(distinct is_archived)::int from conversations
          where tenant_id in (select id from seeded)) as states,
        (select count(distinct rating)::int from feedback
          where tenant_id in (select id from seeded)) as ratings,
        (select count(distinct date) > 4 from usage_metrics
          where tenant_id in (select id from seeded)) as many_days`;
    expect(variety).toEqual({ settings: 3, states: 2, ratings: 2, many_days: true });
  });
});

test("the seed refuses a database with a real tenant, and changes nothing", async () => {
  await inRolledBack(async (sql) => {
    await sql`insert into tenants (name, slug) values ('Real', ${uniqueName("real")})`;
    const before = await seededCounts(sql);
    const refused = sql.savepoint((inner) => inner.unsafe(seed).simple());
    await expect(refused).rejects.toMatchObject({
      code: "55000",
      message: expect.stringMatching(/has other tenants: real-/),
    });
    expect(await seededCounts(sql)).toEqual(before);
  });
});

test("the seed does not change other test tenants, even with the same people", async () => {
  await inRolledBack(async (sql) => {
    const [other] = await sql`
      insert into tenants (name, slug) values ('Other', ${uniqueName("test")}) returning id`;
    await sql`
      insert into users (tenant_id, email) select ${other?.id}, unnest(${demoSignIns.emails}::text[])`;
    await sql.unsafe(seed).simple();
    expect(await seededCounts(sql)).toEqual(PROMISED);
    const [found] = await sql`
      select count(*)::int as users, count(auth_id)::int as linked,
        (select count(*)::int from conversations where tenant_id = ${other?.id}) as conversations
      from users where tenant_id = ${other?.id}`;
    // The accounts are linked wherever their addresses are invited, as after a sign-up.
    expect(found).toEqual({ users: 6, linked: 6, conversations: 0 });
  });
});

test("after the seed refuses, none of its later statements changes anything", async () => {
  await inRolledBack(async (sql) => {
    await sql`insert into tenants (name, slug) values ('Real', ${uniqueName("real")})`;
    const accounts = async () =>
      sql`select id, email, created_at from auth.users where email = any (${demoSignIns.emails})`;
    const before = [await seededCounts(sql), await accounts()];
    // Same as psql: runs each statement separately, and continues after errors.
    const statements = seed.match(/(?:\$\$[\s\S]*?\$\$|[^;$])+;/g) ?? [];
    expect(statements.length).toBeGreaterThan(5);
    for (const statement of statements) {
      await sql.savepoint((inner) => inner.unsafe(statement).simple()).catch(() => {});
    }
    expect([await seededCounts(sql), await accounts()]).toEqual(before);
  });
});

test("deleting the test tenants, people and public documents removes all of the seed", async () => {
  await inRolledBack(async (sql) => {
    await sql.unsafe(seed).simple();
    await sql`delete from tenants where slug = any (${SLUGS})`;
    const tenantsPart = Object.entries((await seededCounts(sql)) ?? {});
    expect(tenantsPart.filter(([, count]) => count > 0).map(([name]) => name)).toEqual([
      "ai_conversations",
      "embeddings",
      "public_embeddings",
      "ai_usage",
    ]);
    await sql`delete from auth.users where email = any (${demoSignIns.emails})`;
    await sql`delete from embeddings where id in ('demo-refunds', 'demo-shipping') and user_id is null`;
    const left = Object.values((await seededCounts(sql)) ?? {});
    expect(new Set(left)).toEqual(new Set([0]));
  });
});
