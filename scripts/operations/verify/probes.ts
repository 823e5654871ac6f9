import postgres, { type TransactionSql } from "postgres";
import type { Check } from "./verify.ts";

/** Two tenants with one member each, which the probes use. */
interface Cast {
  tenants: [string, string];
  accounts: [string, string];
  users: [string, string];
}

type Probe = (sql: TransactionSql, cast: Cast) => Promise<void>;

/** The expected behaviour of the database. A probe throws if the database behaves differently. */
const probes: Record<string, Probe> = {
  "a member reads only the conversations of their own tenant": async (sql, cast) => {
    await asMember(sql, cast.accounts[0]);
    const rows = await sql`select tenant_id from public.conversations`;
    expect(
      rows.length === 1 && rows[0]?.tenant_id === cast.tenants[0],
      `expected 1 conversation, read ${rows.length}`,
    );
  },

  "a member cannot insert a conversation into another tenant": async (sql, cast) => {
    await asMember(sql, cast.accounts[0]);
    await expectCode(sql, "42501", (inner) => {
      const [, tenant] = cast.tenants;
      return inner`insert into public.conversations (tenant_id) values (${tenant})`;
    });
    await sql`insert into public.conversations (title) values ('control')`;
  },

  "a deactivated member reads no conversations": async (sql, cast) => {
    await sql`update public.users set is_active = false where id = ${cast.users[0]}`;
    await expectToSeeNothing(sql, cast.accounts[0]);
  },

  "a member of a deactivated tenant reads no conversations": async (sql, cast) => {
    await sql`update public.tenants set is_active = false where id = ${cast.tenants[0]}`;
    await expectToSeeNothing(sql, cast.accounts[0]);
  },

  "private.inactive_tenants lists every deactivated tenant, and no other": async (sql) => {
    const rows = await sql`
      select from public.tenants t
      where t.is_active = exists (
        select from private.inactive_tenants i where i.tenant_id = t.id
      )`;
    expect(rows.length === 0, `${rows.length} tenants differ; for the fix, see docs/operations.md`);
  },

  "no call is in both ai_usage and its archive": async (sql) => {
    // Only old calls, which the maintenance would move.
    const rows = await sql`
      select from public.ai_usage u
      join public.ai_usage_archive a on a.id = u.id and a.user_id = u.user_id
      where u.created_at at time zone 'utc' < (now() at time zone 'utc') - interval '90 days'`;
    expect(rows.length === 0, `${rows.length} calls are; for the fix, see docs/operations.md`);
  },

  "a caller who is not signed in cannot read conversations": async (sql) => {
    await sql`set local role anon`;
    await expectCode(sql, "42501", (inner) => inner`select from public.conversations`);
  },

  "a confirmed account is linked to its membership": async (sql, cast) => {
    const rows = await sql`
      select from public.users where id = ${cast.users[0]} and auth_id = ${cast.accounts[0]}`;
    expect(rows.length === 1, "the account was not linked");
  },

  "a new message updates updated_at of its conversation": async (sql, cast) => {
    const [before] = await sql`
      insert into public.conversations (tenant_id, user_id, updated_at)
      values (${cast.tenants[0]}, ${cast.users[0]}, now() - interval '1 day') returning id`;
    await sql`
      insert into public.messages (conversation_id, tenant_id, role, content)
      values (${before?.id}, ${cast.tenants[0]}, 'user', 'probe')`;
    const [after] = await sql`
      select updated_at = now() as moved from public.conversations where id = ${before?.id}`;
    expect(after?.moved, "updated_at did not change");
  },

  "a check constraint rejects an invalid temperature": async (sql) => {
    const insert = (temperature: number) => (inner: TransactionSql) =>
      inner`
      insert into public.tenants (name, slug, temperature)
      values ('Probe', 'test-probe-' || gen_random_uuid(), ${temperature})`;
    await expectCode(sql, "23514", insert(3));
    await insert(1)(sql);
  },

  "the usage counter adds up two calls": async (sql, cast) => {
    const increment = () => sql`
      select total_tokens, request_count
      from public.increment_usage_metrics(
        ${cast.tenants[0]}, ${cast.users[0]}, current_date, 3, 4, 0.01
      )`;
    await increment();
    const [row] = await increment();
    expect(Number(row?.total_tokens) === 14, `expected 14 tokens, found ${row?.total_tokens}`);
    expect(Number(row?.request_count) === 2, `expected 2 requests, found ${row?.request_count}`);
  },

  "a vector search finds only the caller's own document": async (sql, cast) => {
    const vector = JSON.stringify([1, ...new Array(1535).fill(0)]);
    for (const account of cast.accounts) {
      await sql`
        insert into public.embeddings (user_id, content, embedding, metadata)
        values (${account}, ${account}, ${vector}, '{"probe": true}')`;
    }
    await asMember(sql, cast.accounts[0]);
    const rows = await sql`
      select content from public.match_embeddings(${vector}, filter => '{"probe": true}')`;
    expect(
      rows.length === 1 && rows[0]?.content === cast.accounts[0],
      `expected only the caller's own document, found ${rows.length} documents`,
    );
  },
};

/** The failure of a probe. Any other error comes from Postgres. */
class Failure extends Error {}

/** Rolls back the savepoint of a probe, so that the probe leaves no rows. */
class Undo extends Error {}

/**
 * Runs the probes. Each runs in its own savepoint, which is rolled back.
 *
 * @param sql a transaction, which the caller must roll back
 */
export async function runProbes(sql: TransactionSql): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [name, probe] of Object.entries(probes)) {
    const problem = await sql
      .savepoint(async (inner) => {
        await probe(inner, await createCast(inner));
        throw new Undo();
      })
      .catch(describe);
    checks.push({ group: "probe", name, ok: problem === undefined, ...(problem && { problem }) });
  }
  return checks;
}

function describe(error: unknown): string | undefined {
  if (error instanceof Undo) return undefined;
  if (error instanceof Failure) return error.message;
  if (error instanceof postgres.PostgresError) return `${error.code} ${error.message}`;
  throw error;
}

async function createCast(sql: TransactionSql): Promise<Cast> {
  const first = await createPerson(sql);
  const second = await createPerson(sql);
  return {
    tenants: [first.tenant, second.tenant],
    accounts: [first.account, second.account],
    users: [first.user, second.user],
  };
}

/** Creates a tenant with one member, who has an account and a conversation. */
async function createPerson(sql: TransactionSql) {
  const [ids] = await sql<{ tenant: string; user: string; account: string }[]>`
    select gen_random_uuid() as tenant, gen_random_uuid() as user, gen_random_uuid() as account`;
  if (!ids) throw new Failure("the database returned no ids");
  const { tenant, user, account } = ids;
  const email = `${user}@probe.example`;
  await sql`
    insert into public.tenants (id, name, slug)
    values (${tenant}, 'Probe', ${`test-probe-${tenant}`})`;
  await sql`insert into public.users (id, tenant_id, email) values (${user}, ${tenant}, ${email})`;
  await sql`
    insert into auth.users (id, aud, role, email, email_confirmed_at)
    values (${account}, 'authenticated', 'authenticated', ${email}, now())`;
  await sql`
    insert into public.conversations (tenant_id, user_id, title)
    values (${tenant}, ${user}, 'Probe')`;
  return ids;
}

/** Runs the rest of the transaction as this account, signed in. */
async function asMember(sql: TransactionSql, account: string) {
  const claims = JSON.stringify({ sub: account, role: "authenticated" });
  await sql`
    select set_config('request.jwt.claims', ${claims}, true),
      set_config('request.jwt.claim.sub', ${account}, true)`;
  await sql`set local role authenticated`;
}

async function expectToSeeNothing(sql: TransactionSql, account: string) {
  await asMember(sql, account);
  const rows = await sql`select from public.conversations`;
  expect(rows.length === 0, `expected no conversations, read ${rows.length}`);
}

function expect(ok: boolean, problem: string): void {
  if (!ok) throw new Failure(problem);
}

/** Expects that a statement fails with this SQLSTATE. */
async function expectCode(
  sql: TransactionSql,
  code: string,
  statement: (sql: TransactionSql) => Promise<unknown>,
) {
  const found = await sql
    .savepoint(async (inner) => statement(inner))
    .then(
      () => "no error",
      (error: { code?: string }) => error.code,
    );
  expect(found === code, `expected ${code}, found ${found}`);
}
