import { expect, test } from "vitest";
import { outcomeFor } from "../../scripts/contract/callers.ts";
import { tableNames, tables } from "../../scripts/contract/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";
import { claimsOfLogin, whatIfCaller, whatIfSignedIn } from "../support/what-if.ts";

const service = () => serviceClient();

test.each(["users", "tenants"] as const)(
  "setting is_active of %s to false denies a member access at once, and true restores it",
  async (table) => {
    const member = await createMember(await createTenant());
    await createRow("conversations", member);
    const id = table === "users" ? member.id : member.tenant_id;
    const see = async () => (await member.client.from("conversations").select("id")).data?.length;
    const write = async () =>
      (await member.client.from("conversations").insert({ title: "Mine" })).error?.code;

    expect(await see()).toBe(1);
    await service().from(table).update({ is_active: false }).eq("id", id);
    expect([await see(), await write()]).toEqual([0, "42501"]);
    await service().from(table).update({ is_active: true }).eq("id", id);
    expect([await see(), await write()]).toEqual([1, undefined]);
  },
);

/** The tables whose rows a member may delete only while active. */
const deletedByMembers = tableNames.filter((table) => {
  const cells = tables[table].access.delete;
  return (
    outcomeFor("member", cells) === "allowed" && outcomeFor("deactivated", cells) === "nothing"
  );
});

test.each(deletedByMembers)(
  "a deactivated member cannot delete their %s, even with a statement without a filter",
  async (table) => {
    const member = await createMember(await createTenant());
    const { id } = await createRow(table, member);
    const claims = await claimsOfLogin(member);
    const afterDeleteOfAll = async () => {
      const left = await whatIfCaller(
        claims,
        (sql) => sql`delete from public.${sql(table)}`,
        (sql) => sql`select from public.${sql(table)} where id = ${id}`,
      );
      return left.length;
    };
    const afterDeleteById = async () => {
      await member.client.from(table).delete().eq("id", id).throwOnError();
      return (await service().from(table).select("id").eq("id", id)).data?.length;
    };
    await service().from("users").update({ is_active: false }).eq("id", member.id);
    expect([await afterDeleteOfAll(), await afterDeleteById()]).toEqual([1, 1]);
    await service().from("users").update({ is_active: true }).eq("id", member.id);
    expect([await afterDeleteOfAll(), await afterDeleteById()]).toEqual([0, 0]);
  },
);

test("a new member of a deactivated tenant has no access until it is activated", async () => {
  const tenant = await createTenant({ is_active: false });
  const member = await createMember(tenant);
  const see = async () => (await member.client.from("tenants").select("id")).data?.length;
  expect(await see()).toBe(0);
  await service().from("tenants").update({ is_active: true }).eq("id", tenant.id);
  expect(await see()).toBe(1);
});

test("deactivating a tenant denies access to its members, and to no others", async () => {
  const [closed, open] = [
    await createMember(await createTenant()),
    await createMember(await createTenant()),
  ];
  const see = async ({ client }: Member) =>
    (await client.from("tenants").select("id")).data?.length;
  await service().from("tenants").update({ is_active: false }).eq("id", closed.tenant_id);
  expect([await see(closed), await see(open)]).toEqual([0, 1]);
  // Deactivating another tenant must not activate the first one again, nor the other way round.
  await service().from("tenants").update({ is_active: false }).eq("id", open.tenant_id);
  expect([await see(closed), await see(open)]).toEqual([0, 0]);
  await service().from("tenants").update({ is_active: true }).eq("id", open.tenant_id);
  expect([await see(closed), await see(open)]).toEqual([0, 1]);
});

test("switching a tenant writes three rows, whatever its size", async () => {
  const tenant = await createTenant();
  for (let i = 0; i < 3; i += 1) await createMember(tenant);
  const written = await asOwner().begin(async (sql) => {
    const rowsWritten = async (statement: string) => {
      const before = await counted();
      await sql.unsafe(statement, [tenant.id]);
      return (await counted()) - before;
    };
    // Includes what the session wrote before, and has not reported yet.
    const counted = async () => {
      const [row] = await sql`
        select sum(n_tup_ins + n_tup_upd + n_tup_del)::int as rows from pg_stat_xact_user_tables`;
      return row?.rows;
    };
    return [
      await rowsWritten("update public.tenants set is_active = false where id = $1"),
      await rowsWritten("update public.tenants set is_active = true where id = $1"),
      await rowsWritten("update public.users set name = 'Control' where tenant_id = $1"),
    ];
  });
  // Each also writes an entry of the audit log per row.
  expect(written).toEqual([3, 3, 6]);
});

// This test calls the helpers directly. Through the API, every policy also checks the tenant, which
// would hide a wrong result of one helper.
test.each(["users", "tenants"] as const)(
  "every policy helper returns null or false to a caller deactivated in %s",
  async (table) => {
    const tenant = await createTenant();
    const owner = await createMember(tenant, { role: "owner" });
    await createMember(tenant, { role: "owner" });
    const id = table === "users" ? owner.id : owner.tenant_id;
    await whatIfSignedIn(owner, async (sql) => {
      const known = async () => {
        const [row] = await sql`
          select private.current_tenant_id() as tenant, private.current_user_id() as membership,
            private.is_tenant_admin() as "isAdmin"`;
        return row;
      };
      const { tenant_id: tenant, id: membership } = owner;
      expect(await known()).toEqual({ tenant, membership, isAdmin: true });
      await sql`update public.${sql(table)} set is_active = false where id = ${id}`;
      expect(await known()).toEqual({ tenant: null, membership: null, isAdmin: false });
    });
  },
);

test("private.owns_conversation() returns false for another tenant's id", async () => {
  const [owner, stranger] = [
    await createMember(await createTenant()),
    await createMember(await createTenant()),
  ];
  const { id } = await createRow("conversations", owner);
  // In the other tenant, somebody has the owner's id, and a conversation with the same id.
  const namesake = await createRow("users", stranger, { id: owner.id });
  await createRow("conversations", { ...owner, tenant_id: namesake.tenant_id }, { id });
  await whatIfSignedIn(owner, async (sql) => {
    const [row] = await sql`
      select private.owns_conversation(${id}, ${owner.tenant_id}) as own,
        private.owns_conversation(${id}, ${stranger.tenant_id}) as other`;
    expect(row).toEqual({ own: true, other: false });
  });
});

test("a demoted admin immediately loses the right to change the tenant", async () => {
  const admin = await createMember(await createTenant(), { role: "admin" });
  const rename = async () =>
    (await admin.client.from("tenants").update({ name: "Mine" }).eq("id", admin.tenant_id).select())
      .data?.length;
  expect(await rename()).toBe(1);
  await service().from("users").update({ role: "user" }).eq("id", admin.id);
  expect(await rename()).toBe(0);
});
