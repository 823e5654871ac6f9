import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { evaluate, uniqueName } from "../../scripts/contract/columns.ts";
import { columnsOf } from "../../scripts/contract/index.ts";
import type { Row, TableName } from "../../scripts/contract/table.ts";
import {
  acceptInvitation,
  createInvitation,
  listAuditLog,
  setMemberRole,
} from "../../src/index.ts";
import { createLogin, createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must, validRow } from "../support/rows.ts";
import { whatIf } from "../support/what-if.ts";

/** The columns whose change alone leaves no entry. */
const UNRECORDED = ["updated_at", "last_active_at", "is_default"];

const audited = await asOwner()<{ table: TableName; columns: string[] }[]>`
  select c.relname as table, array_agg(a.attname::text order by a.attnum) as columns
  from pg_trigger t
  join pg_class c on c.oid = t.tgrelid
  join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where t.tgfoid = 'private.record_change()'::regprocedure
  group by 1 order by 1`;

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant(), { role: "owner" });
});

/** What a valid row must have beside a new value of a column, or a value that fits others better. */
const around: Record<string, () => Promise<{ given?: Row; along?: Row; value?: unknown }>> = {
  "tenants.delete_after": async () => ({ given: { is_active: false } }),
  "users.tenant_id": async () => ({ value: (await createTenant()).id }),
  "users.auth_id": async () => ({ value: (await createLogin()).account }),
  "users.former_auth_id": async () => ({ value: (await createLogin()).account }),
  "users.left_at": async () => ({ given: { is_active: false } }),
  "users.email": async () => ({ value: `${uniqueName("new")}@test.example` }),
  "brands.tenant_id": async () => ({ value: (await createTenant()).id }),
  "invitations.tenant_id": async () => ({ value: (await createTenant()).id }),
  "invitations.max_uses": async () => ({ given: { email: null } }),
  "invitations.uses": async () => ({ along: { accepted_at: "2020-01-01" } }),
  "invitations.accepted_at": async () => ({ along: { uses: 1 } }),
  "invitations.invited_by": async () => ({ value: ada.id }),
  "invitations.expires_at": async () => ({ value: new Date(Date.now() + 1000).toISOString() }),
  "invitations.last_sent_at": async () => ({ value: new Date(Date.now() - 1000).toISOString() }),
};

const slugs = { "tenants.slug": () => uniqueName("test") } as Record<string, () => string>;

const entriesOf = async (row_id: unknown) =>
  must(
    await serviceClient()
      .from("audit_log")
      .select()
      .eq("row_id", row_id as string)
      .order("id"),
  );

const read = async (table: TableName, id: unknown): Promise<Row> =>
  must(
    await serviceClient()
      .from(table)
      .select()
      .eq("id", id as string)
      .single(),
  );

test("the audited tables are those of a tenant's administration", () => {
  expect(audited.map(({ table }) => table)).toEqual(["brands", "invitations", "tenants", "users"]);
});

describe.each(audited)("$table", ({ table, columns }) => {
  test("an insert leaves an entry with the row, and a delete another", async () => {
    const row = await validRow(table, ada);
    const { id } = must(
      await serviceClient()
        .from(table)
        .insert(row as never)
        .select("id")
        .single(),
    );
    const stored = await read(table, id);
    await serviceClient().from(table).delete().eq("id", id).throwOnError();
    const tenant_id = stored.tenant_id ?? id;
    const entry = { tenant_id, relation: table, row_id: id, actor_role: "service_role" };
    expect(await entriesOf(id)).toMatchObject([
      { ...entry, action: "insert", before: {}, after: stored },
      { ...entry, action: "delete", before: stored, after: {} },
    ]);
  });

  test.each(columns)("a change of %s leaves one entry, or none", async (column) => {
    const name = `${table}.${column}`;
    const { given, along, value } = (await around[name]?.()) ?? {};
    const { id } = await createRow(table, ada, given as never);
    const next = value ?? slugs[name]?.() ?? evaluate(columnsOf(table)[column]?.other);
    const before = await read(table, id);
    const change = { [column]: next, ...along };
    const key = column === "id" ? next : id;
    await serviceClient()
      .from(table)
      .update(change as never)
      .eq("id", id)
      .throwOnError();
    const after = await read(table, key);
    expect(after[column]).not.toEqual(before[column]);
    const changed = Object.keys(change);
    const only = (row: Row) => Object.fromEntries(changed.map((name) => [name, row[name]]));
    const entries = (await entriesOf(key)).filter(({ action }) => action === "update");
    expect(entries.map(({ before, after }) => ({ before, after }))).toEqual(
      UNRECORDED.includes(column) ? [] : [{ before: only(before), after: only(after) }],
    );
  });
});

test("an admin reads the same entries as the service role, page by page; a member reads none", async () => {
  const tenant = await createTenant();
  const admin = await createMember(tenant, { role: "admin" });
  const member = await createMember(tenant);
  await setMemberRole(admin.client, member.id, "admin");
  await setMemberRole(admin.client, member.id, "user");
  const all = await entriesOf(member.id);
  const first = await listAuditLog(admin.client, { rowId: member.id, limit: 2 });
  const second = await listAuditLog(admin.client, { rowId: member.id, after: first.next });
  expect([...first.entries, ...second.entries]).toEqual(all.reverse());
  expect(second.next).toBeNull();
  expect((await listAuditLog(admin.client)).entries.length).toBeGreaterThan(all.length);
  expect((await listAuditLog(member.client)).entries).toEqual([]);
});

test("an entry names the account, its role before the change, and the request", async () => {
  const tenant = await createTenant();
  const [owner, ben] = [await createMember(tenant, { role: "owner" }), await createLogin()];
  const { token, id } = await createInvitation(owner.client, { email: ben.email });
  const member = await acceptInvitation(ben.client, token);
  await setMemberRole(owner.client, member.id, "admin");
  await ben.client.rpc("set_member_role", { p_user_id: member.id, p_role: "user" }).throwOnError();
  expect(await entriesOf(member.id)).toMatchObject([
    { action: "insert", actor_id: ben.account, actor_role: "user" },
    { action: "update", actor_id: owner.account, actor_role: "owner", after: { role: "admin" } },
    { action: "update", actor_id: ben.account, actor_role: "admin", after: { role: "user" } },
  ]);
  expect(await entriesOf(id)).toMatchObject([
    {
      actor_id: owner.account,
      request: { method: "POST", path: "/rpc/create_invitation" },
    },
    { actor_id: ben.account, after: { uses: 1 }, request: { path: "/rpc/accept_invitation" } },
  ]);
});

test("a change outside of the API is by the role of the database, without a request", async () => {
  const { id } = await createRow("brands", ada);
  await asOwner()`update brands set name = 'By hand' where id = ${id}`;
  const [, byHand] = await entriesOf(id);
  const [login] = await asOwner()`select session_user as name`;
  expect(byHand).toMatchObject({ actor_id: null, actor_role: login?.name, request: {} });
});

test.each([
  [{ "cf-connecting-ip": "203.0.113.7", "x-forwarded-for": "10.0.0.1" }, "203.0.113.7"],
  [{ "x-forwarded-for": "2001:db8::7, 10.0.0.1" }, "2001:db8::7"],
  [{ "x-forwarded-for": "Bearer secret" }, undefined],
  [{ "x-forwarded-for": `${"1".repeat(46)}` }, undefined],
  [{}, undefined],
])("an entry of a request with the headers %j holds the address %s", async (headers, address) => {
  const { API_URL, SECRET_KEY } = inject("stack");
  const { id } = await createRow("brands", ada);
  const { ok } = await fetch(`${API_URL}/rest/v1/brands?id=eq.${id}&select=id`, {
    method: "PATCH",
    headers: {
      apikey: SECRET_KEY,
      authorization: `Bearer ${SECRET_KEY}`,
      "content-type": "application/json",
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify({ name: "Changed" }),
  });
  expect(ok).toBe(true);
  const [, entry] = await entriesOf(id);
  expect(entry?.request).toEqual({ method: "PATCH", path: "/brands", ...(address && { address }) });
  expect(JSON.stringify(entry)).not.toMatch(/Bearer|sb_|eyJ/);
});

test.each<[string, (sql: ReturnType<typeof asOwner>) => Promise<unknown>]>([
  ["update", (sql) => sql`update audit_log set action = 'x' where false`],
  ["delete", (sql) => sql`delete from audit_log where false`],
  ["truncate", (sql) => sql`truncate audit_log`],
])("not even the owner of the table can %s entries", async (_name, act) => {
  await expect(whatIf(act)).rejects.toMatchObject({ code: "55000" });
});

test("the service role can add an entry, and an entry outlives its tenant", async () => {
  const { id: tenant_id } = await createTenant();
  const row_id = randomUUID();
  const entry = {
    tenant_id,
    row_id,
    actor_role: "support",
    action: "export",
    relation: "messages",
  };
  await serviceClient().from("audit_log").insert(entry).throwOnError();
  await serviceClient().from("tenants").delete().eq("id", tenant_id).throwOnError();
  expect(await entriesOf(row_id)).toMatchObject([entry]);
  expect((await entriesOf(tenant_id)).map(({ action }) => action)).toEqual(["insert", "delete"]);
});
