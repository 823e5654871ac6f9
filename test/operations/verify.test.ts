import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { type Check, verify } from "../../scripts/operations/verify/verify.ts";
import { type CatalogObject, expectedCatalog } from "../../scripts/project/catalog.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { type Stack, startTemporaryStack } from "../../scripts/stack/stack.ts";
import { superuserUrl } from "../support/clients.ts";
import { runScript } from "../support/project.ts";

let stack: Stack;
let sql: postgres.Sql;
let expected: CatalogObject[];

/** Uses a separate stack, because other tests change the shared one while they run. */
beforeAll(async () => {
  stack = await startTemporaryStack();
  sql = postgres(superuserUrl(stack.environment.DB_URL), { max: 1, onnotice: () => {} });
  expected = await expectedCatalog();
});

afterAll(async () => {
  await sql.end();
  await stack.close();
});

class RollBack extends Error {}

/** Returns the failed checks of a verification after a change, which is then rolled back. */
async function failuresAfter(
  change: string,
  probes = false,
  accepted: string[] = [],
): Promise<Check[]> {
  let checks: Check[] = [];
  const rolledBack = sql.begin(async (transaction) => {
    await transaction.unsafe(change).simple();
    await transaction`set local role postgres`;
    checks = await verify(transaction, expected, { probes, accepted });
    throw new RollBack();
  });
  await expect(rolledBack).rejects.toBeInstanceOf(RollBack);
  return checks.filter(({ ok }) => !ok);
}

const command = (...args: string[]) =>
  runScript(packageRoot, "db-verify", ["--db-url", stack.environment.DB_URL, ...args]);

test("a database made by the migrations passes all checks", async () => {
  expect(await failuresAfter("select", true)).toEqual([]);
});

/** Ways to break the database, with the group, name and problem of the failed check. */
const breakages: [what: string, change: string, group: string, name: string, problem: RegExp][] = [
  [
    "a policy is dropped",
    "drop policy messages_select_member on messages",
    "policy",
    "messages_select_member on public.messages",
    /missing/,
  ],
  [
    "a policy allows all rows",
    "alter policy messages_select_member on messages using (true)",
    "policy",
    "messages_select_member on public.messages",
    /found "for select to authenticated using \(true\)"/,
  ],
  [
    "a policy is added",
    "create policy open on feedback for select to authenticated using (true)",
    "policy",
    "open on public.feedback",
    /unexpected/,
  ],
  [
    "row level security is off",
    "alter table embeddings disable row level security",
    "table",
    "public.embeddings",
    /found "row level security false/,
  ],
  [
    "a grant is added",
    "grant select on tenants to anon",
    "grant",
    "public.tenants to anon",
    /unexpected: select/,
  ],
  [
    "a grant on a column is added",
    "grant update (role) on users to authenticated",
    "grant",
    "public.users.role to authenticated",
    /expected "select", found "select, update"/,
  ],
  [
    "a grant is missing",
    "revoke insert (title) on conversations from authenticated",
    "grant",
    "public.conversations.title to authenticated",
    /expected "insert, select, update", found "select, update"/,
  ],
  [
    "a function can be executed by every role",
    "grant execute on function increment_usage_metrics to public",
    "grant",
    "public.increment_usage_metrics(uuid,uuid,date,integer,integer,numeric) to public",
    /unexpected: execute/,
  ],
  [
    "an index is missing",
    "drop index idx_messages_conversation_created",
    "index",
    "idx_messages_conversation_created on public.messages",
    /missing/,
  ],
  [
    "an index is invalid",
    "update pg_index set indisvalid = false where indexrelid = 'idx_embeddings_vector'::regclass",
    "index",
    "idx_embeddings_vector on public.embeddings",
    /invalid/,
  ],
  [
    "a unique index is added",
    "create unique index one_each on conversations (id, created_at)",
    "index",
    "one_each on public.conversations",
    /unexpected/,
  ],
  [
    "a rule discards inserted rows",
    "create rule swallow as on insert to feedback do instead nothing",
    "rule",
    "swallow on public.feedback",
    /unexpected/,
  ],
  [
    "a column has another type",
    "alter table messages alter column latency_ms type bigint",
    "column",
    "public.messages.latency_ms",
    /expected "integer", found "bigint"/,
  ],
  [
    "a column can be null",
    "alter table messages alter column content drop not null",
    "column",
    "public.messages.content",
    /expected "text not null statistics 0", found "text statistics 0"/,
  ],
  [
    "a column is missing",
    "alter table feedback drop column comment",
    "column",
    "public.feedback.comment",
    /missing/,
  ],
  [
    "a default is lost",
    "alter table conversations alter column tenant_id drop default",
    "column",
    "public.conversations.tenant_id",
    /current_tenant_id/,
  ],
  [
    "a constraint is not validated",
    `alter table tenants drop constraint tenants_temperature_is_0_to_2_check;
     alter table tenants add constraint tenants_temperature_is_0_to_2_check
       check (temperature >= 0 and temperature <= 2) not valid`,
    "constraint",
    "tenants_temperature_is_0_to_2_check on public.tenants",
    /not valid/i,
  ],
  [
    "a foreign key is missing",
    "alter table messages drop constraint messages_conversation_id_fkey",
    "constraint",
    "messages_conversation_id_fkey on public.messages",
    /missing/,
  ],
  [
    "a trigger is disabled",
    "alter table messages disable trigger trigger_messages_update_conversation",
    "trigger",
    "trigger_messages_update_conversation on public.messages",
    /disabled/,
  ],
  [
    "the trigger on accounts is missing",
    "drop trigger trigger_auth_users_link_membership on auth.users",
    "trigger",
    "trigger_auth_users_link_membership on auth.users",
    /missing/,
  ],
  [
    "a function is replaced",
    `create or replace function private.is_tenant_admin() returns boolean language plpgsql stable
     security definer set search_path = '' as $$ begin return true; end $$`,
    "function",
    "private.is_tenant_admin()",
    /expected/,
  ],
  [
    "a function has lost its search_path",
    "alter function private.current_tenant_id() reset search_path",
    "function",
    "private.current_tenant_id()",
    /SET search_path/,
  ],
  [
    "a materialized view has no unique index",
    "drop index idx_monthly_usage_summary_tenant",
    "index",
    "idx_monthly_usage_summary_tenant on public.monthly_usage_summary",
    /missing/,
  ],
  [
    "a view runs with its owner's rights",
    "alter view current_day_usage reset (security_invoker)",
    "view",
    "public.current_day_usage",
    /security_invoker/,
  ],
  [
    "a role bypasses row level security",
    "alter role authenticated bypassrls",
    "role",
    "authenticated",
    /bypasses row level security/,
  ],
  [
    "a migration is not in the history",
    `delete from supabase_migrations.schema_migrations
     where version = (select max(version) from supabase_migrations.schema_migrations)`,
    "history",
    "20261121001420_schedule_maintenance",
    /not applied/,
  ],
];

test.each(breakages)("a check fails when %s", async (_what, change, group, name, problem) => {
  const failures = await failuresAfter(change);
  expect(failures).toContainEqual({
    group,
    name,
    ok: false,
    problem: expect.stringMatching(problem),
  });
});

/** Ways to bypass the policies while every expected object stays as it is. */
const dangers: [what: string, change: string, group: string, name: RegExp, problem: RegExp][] = [
  [
    "an API role is a member of another role",
    "create role parent_of_all; grant parent_of_all to authenticated",
    "role",
    /^authenticated$/,
    /is a member of parent_of_all/,
  ],
  ["an API role can log in", "alter role anon login", "role", /^anon$/, /can log in/],
  [
    "an API role can create roles",
    "alter role service_role createrole",
    "role",
    /^service_role$/,
    /can create roles/,
  ],
  [
    "an API role has no row security",
    "alter role authenticated set row_security = off",
    "setting",
    /^authenticated$/,
    /row_security = off/,
  ],
  [
    "the database runs no triggers",
    "do $$ begin execute format('alter database %I set session_replication_role = replica', current_database()); end $$",
    "setting",
    /^every role$/,
    /session_replication_role = replica/,
  ],
  [
    "an API role has a search_path",
    "alter role authenticated set search_path = evil, public",
    "setting",
    /^authenticated$/,
    /search_path = evil, public/,
  ],
  [
    "an API role has no time limit",
    "alter role anon set statement_timeout = 0",
    "setting",
    /^anon$/,
    /statement_timeout = 0/,
  ],
  [
    "a table belongs to an API role",
    "grant create on schema public to authenticated; alter table messages owner to authenticated",
    "owner",
    /^public\.messages$/,
    /belongs to authenticated/,
  ],
  [
    "a function belongs to another role",
    "create role mallory; grant create on schema private to mallory; alter function private.is_tenant_admin() owner to mallory",
    "owner",
    /^private\.is_tenant_admin\(\)$/,
    /belongs to mallory/,
  ],
  [
    "a function of public runs with its owner's rights",
    `create function leak() returns setof messages language sql security definer
     as 'select * from messages'`,
    "function",
    /^public\.leak\(\)$/,
    /owner's rights/,
  ],
  [
    "a function is overloaded",
    `create function match_embeddings(query_embedding text) returns setof text language sql
     as 'select null::text'`,
    "function",
    /^public\.match_embeddings\(text\)$/,
    /has the name of a function of the project/,
  ],
  [
    "a table has a computed column",
    "create function spy(users) returns text language sql as 'select current_user::text'",
    "function",
    /^public\.spy\(public\.users\)$/,
    /computed column of public\.users/,
  ],
  [
    "a view reads with its owner's rights",
    "create view all_messages as select * from messages; grant select on all_messages to anon",
    "view",
    /^public\.all_messages$/,
    /owner's rights/,
  ],
  [
    "a view shows accounts",
    "create view accounts as select email from auth.users; grant select on accounts to authenticated",
    "view",
    /^public\.accounts$/,
    /owner's rights/,
  ],
  [
    "a system column is granted",
    "grant select (ctid) on messages to authenticated",
    "grant",
    /^public\.messages\.ctid to authenticated$/,
    /unexpected: select/,
  ],
  [
    "an API role may maintain a table",
    "grant maintain on messages to authenticated",
    "grant",
    /^public\.messages to authenticated$/,
    /unexpected: maintain/,
  ],
  [
    "an API role reads accounts",
    "grant select (email) on auth.users to authenticated",
    "grant",
    /^auth\.users to authenticated$/,
    /privilege on accounts/,
  ],
  [
    "new objects of private are granted",
    "alter default privileges in schema private grant execute on functions to anon",
    "default privilege",
    /^functions of schema private to anon$/,
    /new objects are granted/,
  ],
  [
    "new objects of every schema are granted",
    "alter default privileges grant select on tables to public",
    "default privilege",
    /^tables of every schema to public$/,
    /new objects are granted/,
  ],
  [
    "a foreign trigger sees accounts",
    `create function public.on_account() returns trigger language plpgsql as 'begin return new; end';
     create trigger spy after insert on auth.users for each row execute function public.on_account()`,
    "trigger",
    /^spy on auth\.users$/,
    /sees every account/,
  ],
  [
    "auth.uid() is replaced",
    `create or replace function auth.uid() returns uuid language sql stable
     as 'select ''00000000-0000-4000-8000-000000000001''::uuid'`,
    "function",
    /^auth\.uid\(\)$/,
    /not that of hosted Supabase/,
  ],
  [
    "every table is published",
    "create publication leak for all tables",
    "publication",
    /^leak$/,
    /every table/,
  ],
  [
    "a table is published",
    "create publication leak for table messages",
    "publication",
    /^leak$/,
    /publishes public\.messages/,
  ],
  [
    "an event trigger exists",
    `create function public.on_command() returns event_trigger language plpgsql as 'begin end';
     create event trigger spy on ddl_command_end execute function public.on_command()`,
    "event trigger",
    /^spy$/,
    /on_command/,
  ],
  [
    "free text has statistics",
    "alter table messages alter column model_used set statistics 100",
    "column",
    /^public\.messages\.model_used$/,
    /statistics/,
  ],
  [
    "a statistics object is added",
    "create statistics public.spy (mcv) on model_used, role from messages",
    "statistics",
    /^spy on public\.messages$/,
    /unexpected/,
  ],
];

test.each(dangers)("a check fails when %s", async (_what, change, group, name, problem) => {
  const failures = await failuresAfter(change);
  expect(failures).toContainEqual({
    group,
    name: expect.stringMatching(name),
    ok: false,
    problem: expect.stringMatching(problem),
  });
});

test("a finding that the team has accepted is no failure", async () => {
  const change = `create function public.on_account() returns trigger language plpgsql
      as 'begin return new; end';
    create trigger ours after insert on auth.users
      for each row execute function public.on_account()`;
  const finding = { group: "trigger", name: "ours on auth.users" };
  expect(await failuresAfter(change)).toMatchObject([finding]);
  expect(await failuresAfter(change, false, ["trigger ours on auth.users"])).toEqual([]);
});

test("no check fails for objects that the project has added", async () => {
  const added = `
    create table mine (id int primary key);
    grant select on mine to anon;
    create index idx_mine on messages (created_at, id);
    create function mine() returns int language sql as 'select 1';
    create view my_view with (security_invoker = true) as select id from messages;
    create view my_constant as select 1 as one;
    grant select on my_view, my_constant to authenticated`;
  expect(await failuresAfter(added)).toEqual([]);
});

describe("a probe detects", () => {
  test.each([
    [
      "a policy that lets other tenants read",
      "alter policy conversations_select_member on conversations using (true)",
      "a member reads only the conversations of their own tenant",
    ],
    [
      "a policy that lets other tenants write",
      `alter policy conversations_insert_owner on conversations with check (true);
       alter table conversations drop constraint conversations_user_id_fkey`,
      "a member cannot insert a conversation into another tenant",
    ],
    [
      "that a deactivated member can read",
      `create or replace function private.current_tenant_id() returns uuid language plpgsql stable
       security definer set search_path = '' as $$ begin
         return (select tenant_id from public.users where auth_id = auth.uid()); end $$`,
      "a deactivated member reads no conversations",
    ],
    [
      "that a member of a deactivated tenant can read",
      "alter table tenants disable trigger trigger_tenants_switch",
      "a member of a deactivated tenant reads no conversations",
    ],
    [
      "a deactivated tenant that was restored without its triggers",
      `alter table tenants disable trigger user;
       insert into tenants (name, slug, is_active) values ('Off', 'test-off', false)`,
      "private.inactive_tenants lists every deactivated tenant, and no other",
    ],
    [
      "a call that was imported again after it was archived",
      `alter table ai_usage disable trigger user;
       alter table ai_usage_archive disable trigger user;
       insert into auth.users (id, email) values (gen_random_uuid(), 'twice@test.example');
       insert into ai_usage (user_id, operation_type, model, tokens_total, created_at)
       select id, 'chat', 'gpt-4o', 0, '2020-01-01' from auth.users
       where email = 'twice@test.example';
       insert into ai_usage_archive (
         id, user_id, operation_type, model, tokens_prompt, tokens_completion, tokens_total, cost,
         created_at
       )
       select id, user_id, operation_type, model, 0, 0, 0, 0, created_at from ai_usage
       where created_at < '2020-01-02'`,
      "no call is in both ai_usage and its archive",
    ],
    [
      "a grant to anon",
      "grant select on conversations to anon",
      "a caller who is not signed in cannot read conversations",
    ],
    [
      "a trigger on accounts that does nothing",
      "alter table auth.users disable trigger trigger_auth_users_link_membership",
      "a confirmed account is linked to its membership",
    ],
    [
      "a trigger on messages that does nothing",
      "alter table messages disable trigger trigger_messages_update_conversation",
      "a new message updates updated_at of its conversation",
    ],
    [
      "a missing check",
      "alter table tenants drop constraint tenants_temperature_is_0_to_2_check",
      "a check constraint rejects an invalid temperature",
    ],
    [
      "a counter that does not count",
      `create or replace function increment_usage_metrics(
         p_tenant_id uuid, p_user_id uuid, p_date date,
         p_prompt_tokens integer, p_completion_tokens integer, p_cost numeric
       ) returns usage_metrics language sql as $$ select null::public.usage_metrics $$`,
      "the usage counter adds up two calls",
    ],
    [
      "a search that finds the documents of all accounts",
      `create or replace function private.nearest_embeddings_of_caller(
         p_query extensions.vector, p_count integer, p_filter jsonb, p_sees_all boolean
       ) returns setof private.found_embedding
       language sql stable security definer set search_path = '' as $$
         select * from private.nearest_embeddings(p_query, p_count, p_filter, null) $$`,
      "a vector search finds only the caller's own document",
    ],
  ])("%s", async (_what, change, probe) => {
    const failed = (await failuresAfter(change, true)).filter(({ group }) => group === "probe");
    expect(failed.map(({ name }) => name)).toContain(probe);
  });
});

describe("npm run db:verify", () => {
  test("passes, and prints each group", async () => {
    const { exitCode, stdout } = await command();
    expect(stdout).toContain("All checks passed.");
    expect(stdout).toMatch(/pass {2}policy +(\d+) of \1/);
    expect(stdout).toMatch(/pass {2}probe +12 of 12/);
    expect(exitCode).toBe(0);
  }, 60_000);

  test("--json prints the failed checks, and exits with 1", async () => {
    await sql`alter table feedback disable row level security`;
    onTestFinished(async () => {
      await sql`alter table feedback enable row level security`;
    });
    const { exitCode, stdout } = await command("--json", "--no-probes");
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
    expect([exitCode, ok]).toEqual([1, false]);
    expect(checks.filter((check) => !check.ok)).toMatchObject([
      { group: "table", name: "public.feedback" },
    ]);
    expect(checks.some(({ group }) => group === "probe")).toBe(false);
  }, 60_000);

  test("prints no control characters from names in the database", async () => {
    await sql.unsafe('create policy "\u001b[2Jall is well" on feedback using (true)');
    onTestFinished(async () => {
      await sql.unsafe('drop policy "\u001b[2Jall is well" on feedback');
    });
    const { exitCode, stdout } = await command("--no-probes");
    expect(exitCode).toBe(1);
    expect(stdout).toContain("\\u001b[2Jall is well");
    expect(stdout).not.toContain("\u001b[2J");
  }, 60_000);

  test("exits with 2 for an unknown option", async () => {
    expect((await command("--probe")).exitCode).toBe(2);
  });
});
