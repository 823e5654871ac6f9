import type postgres from "postgres";
import { describe, expect, inject, test } from "vitest";
import { createMember, createTenant } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { whatIfCaller } from "../support/what-if.ts";
import { send, tokenOf } from "./requests.ts";

const relations = await asOwner()<{ name: string; column: string; is_table: boolean }[]>`
  select c.relname as name, a.attname as column, c.relkind = 'r' as is_table
  from pg_class c
  join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v', 'm') order by 1`;

/** The codes for a write to a read-only view. Postgres may raise them before it checks grants. */
const NOT_WRITABLE = ["42501", "42809", "55000"];

const functions = await asOwner()<{ name: string; arguments: Record<string, null> }[]>`
  select
    p.proname as name,
    coalesce(json_object_agg(a.name, null) filter (where a.name is not null), '{}') as arguments
  from pg_proc p
  left join unnest(p.proargnames[1:p.pronargs]) a (name) on true
  where p.pronamespace = 'public'::regnamespace and p.prorettype <> 'trigger'::regtype
  group by p.oid, p.proname order by 1`;

const post = (body: object): RequestInit => ({ method: "POST", body: JSON.stringify(body) });

describe("the publishable key alone", () => {
  const { PUBLISHABLE_KEY, SECRET_KEY } = inject("stack");
  const asSecret = { headers: { apikey: SECRET_KEY } };

  test.each(relations)("cannot read or write $name", async (relation) => {
    const { name, column, is_table } = relation;
    const row = JSON.stringify({ [column]: null });
    const read = await send(PUBLISHABLE_KEY, name);
    expect([read.status, JSON.parse(read.body).code]).toEqual([401, "42501"]);
    const one = `${name}?${column}=not.is.null`;
    for (const [path, init] of [
      [name, { method: "POST", body: row }],
      [one, { method: "PATCH", body: row }],
      [one, { method: "DELETE" }],
    ] as const) {
      const { code } = JSON.parse((await send(PUBLISHABLE_KEY, path, init)).body);
      expect(is_table ? ["42501"] : NOT_WRITABLE).toContain(code);
    }
    expect((await send(SECRET_KEY, `${name}?limit=1`, asSecret)).status).toBe(200);
  });

  // These statements read no column, so that they need no privilege to select.
  test.each(relations)("has no privilege to update or delete $name", async (relation) => {
    const { name, column, is_table } = relation;
    const statements: ((sql: postgres.Sql) => Promise<unknown>)[] = [
      (sql) => sql`update public.${sql(name)} set ${sql(column)} = default where false`,
      (sql) => sql`delete from public.${sql(name)} where false`,
    ];
    for (const act of statements) {
      const codeFor = (role: string) =>
        whatIfCaller({ role }, act, async () => undefined).catch(({ code }) => code);
      expect(is_table ? ["42501"] : NOT_WRITABLE).toContain(await codeFor("anon"));
      // A trigger refuses the owner's change of the audit log.
      const byOwner = name === "audit_log" ? "55000" : undefined;
      if (is_table) expect(await codeFor("postgres")).toBe(byOwner);
    }
  });

  test.each(functions.map(({ name, arguments: args }) => [name, args] as const))(
    "cannot call %s",
    async (name, args) => {
      const { status, body } = await send(PUBLISHABLE_KEY, `rpc/${name}`, post(args));
      const { code, message } = JSON.parse(body);
      const denied = `permission denied for function ${name}`;
      expect([status, code, message]).toEqual([401, "42501", denied]);
      const control = await send(SECRET_KEY, `rpc/${name}`, { ...post(args), ...asSecret });
      expect(control.body).not.toContain("permission denied for function");
    },
  );
});

describe("no key gives access to a schema other than public", () => {
  const targets = [
    ["private", "maintenance_runs"],
    ["auth", "users"],
    ["extensions", "pg_stat_statements"],
    ["pg_catalog", "pg_roles"],
    ["information_schema", "tables"],
  ] as const;

  test.each(targets)("by reading or calling: %s", async (schema, relation) => {
    const member = await createMember(await createTenant(), { role: "owner" });
    const { SECRET_KEY, PUBLISHABLE_KEY } = inject("stack");
    const callers = [
      { token: SECRET_KEY, apikey: SECRET_KEY },
      { token: await tokenOf(member), apikey: PUBLISHABLE_KEY },
    ];
    for (const { token, apikey } of callers) {
      const profile = { apikey, "accept-profile": schema, "content-profile": schema };
      const read = await send(token, relation, { headers: profile });
      const called = await send(token, "rpc/run_maintenance", {
        ...post({ p_period: "daily" }),
        headers: profile,
      });
      const named = await send(token, `${schema}.${relation}`, { headers: { apikey } });
      expect([read.status, called.status]).toEqual([406, 406]);
      expect(named.status).toBe(404);
      expect((await send(token, "tenants?limit=1", { headers: { apikey } })).status).toBe(200);
    }
  });
});
