import { beforeAll, describe, expect, test } from "vitest";
import { columnsOf, tableNames } from "../../scripts/contract/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";
import { whatIf } from "../support/what-if.ts";

/** The tables with rows of tenants, except for the audit log, which outlives a tenant. */
const tablesOfTenants = tableNames.filter(
  (table) => "tenant_id" in columnsOf(table) && table !== "audit_log",
);

const HOUR = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR).toISOString();

/** Creates a tenant with two rows in every table. Returns its owner. */
async function createFilledTenant(): Promise<Member> {
  const owner = await createMember(await createTenant(), { role: "owner" });
  for (const table of tablesOfTenants) {
    if (table === "users") await createMember({ id: owner.tenant_id });
    else for (let i = 0; i < 2; i += 1) await createRow(table, owner);
  }
  return owner;
}

/** Counts the rows of a tenant by table, without tables that have none. */
async function rowsOf({ tenant_id }: Member): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of tablesOfTenants) {
    const [row] = await asOwner()`
      select count(*)::int as rows from ${asOwner()(table)} where tenant_id = ${tenant_id}`;
    if (row?.rows > 0) counts[table] = row?.rows;
  }
  return counts;
}

async function deleteAfter({ tenant_id }: Member, delete_after: string | null) {
  const tenants = serviceClient().from("tenants");
  await tenants.update({ is_active: false, delete_after }).eq("id", tenant_id).throwOnError();
}

/** Runs one batch, and returns how many rows it deleted by its own account. */
async function runBatch(limit: number): Promise<number> {
  const [run] = await asOwner()`
    select rows_affected::int as rows, error
    from private.run_maintenance_task('delete tenants', ${limit})`;
  expect(run?.error).toBeNull();
  return run?.rows;
}

async function exists({ tenant_id }: Member): Promise<boolean> {
  return (await asOwner()`select from tenants where id = ${tenant_id}`).length > 0;
}

describe("a tenant whose delete_after has passed", () => {
  let tenant: Member;
  let neighbour: Member;
  beforeAll(async () => {
    [tenant, neighbour] = [await createFilledTenant(), await createFilledTenant()];
    // Two tenants can use the same id for a brand.
    const brand = await createRow("brands", tenant);
    await createRow("brands", neighbour, { id: brand.id });
    for (const owner of [tenant, neighbour]) {
      await createRow("conversation_sessions", owner, { brand_id: brand.id });
    }
    while ((await runBatch(10_000)) > 0);
    await deleteAfter(tenant, inHours(-1));
  });

  test("is deleted in batches, with its rows in every table and no others", async () => {
    const neighbours = await rowsOf(neighbour);
    expect(Object.keys(neighbours).sort()).toEqual([...tablesOfTenants].sort());
    const total = (counts: Record<string, number>) =>
      Object.values(counts).reduce((sum, rows) => sum + rows, 0);
    let before = await rowsOf(tenant);
    const messagesOf = (counts: Record<string, number>) => counts.conversation_messages ?? 0;
    while (total(before) > 0) {
      expect(await runBatch(1)).toBe(1);
      const after = await rowsOf(tenant);
      // Only a session takes other rows with it: its messages.
      const messages = messagesOf(before) - messagesOf(after);
      expect(total(before) - total(after)).toBe(1 + messages);
      before = after;
    }
    expect(await exists(tenant)).toBe(true);
    expect(await runBatch(1)).toBe(1);
    expect([await exists(tenant), await exists(neighbour)]).toEqual([false, true]);
    expect(await runBatch(1)).toBe(0);
    expect(await rowsOf(neighbour)).toEqual(neighbours);
  });

  test("leaves the accounts of its members", async () => {
    const [account] = await asOwner()`select from auth.users where id = ${tenant.account}`;
    expect(account).toBeDefined();
  });
});

test("a tenant that another table keeps does not stop the deletion of the next one", async () => {
  const [kept, next] = [
    await createMember(await createTenant()),
    await createMember(await createTenant()),
  ];
  await deleteAfter(kept, "2020-01-01");
  await deleteAfter(next, inHours(-1));
  await whatIf(async (sql) => {
    await sql`
      create table public.contracts (user_id uuid, tenant_id uuid,
        foreign key (user_id, tenant_id) references public.users (id, tenant_id))`;
    await sql`insert into public.contracts values (${kept.id}, ${kept.tenant_id})`;
    const batch = async () => {
      const [run] = await sql`
        select rows_affected::int as rows, error
        from private.run_maintenance_task('delete tenants', 10)`;
      return run;
    };
    // The membership of the next tenant, then the tenant.
    expect([await batch(), await batch()]).toMatchObject([{ rows: 1 }, { rows: 1 }]);
    expect(await sql`select from public.tenants where id = ${next.tenant_id}`).toHaveLength(0);
    expect(await batch()).toMatchObject({ error: expect.stringContaining("(23503)") });
    await sql`drop table public.contracts`;
    expect(await batch()).toMatchObject({ rows: 1, error: null });
  });
  await deleteAfter(kept, null);
  await deleteAfter(next, null);
});

test("a tenant is not deleted before its time, or after its deletion is called off", async () => {
  const later = await createFilledTenant();
  await deleteAfter(later, inHours(1));
  expect(await runBatch(10_000)).toBe(0);
  await deleteAfter(later, inHours(-1));
  expect(await runBatch(1)).toBe(1);
  await serviceClient()
    .from("tenants")
    .update({ is_active: true, delete_after: null })
    .eq("id", later.tenant_id)
    .throwOnError();
  expect(await runBatch(10_000)).toBe(0);
  expect((await later.client.from("tenants").select("id")).data).toHaveLength(1);
});
