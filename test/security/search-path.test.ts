import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow } from "../support/rows.ts";

let ada: Member;

beforeAll(async () => {
  ada = await createMember(await createTenant());
  await createRow("conversations", ada);
});

/** Tables that would permit everything, with the names that policies and functions use. */
const shadows = `
  create temporary table users (
    id uuid, tenant_id uuid, auth_id uuid, role text, is_active boolean
  );
  create temporary table tenants (id uuid, is_active boolean);
  insert into pg_temp.users
  select c.user_id, c.tenant_id, current_setting('request.jwt.claim.sub')::uuid, 'owner', true
  from (select null::uuid as user_id, current_setting('test.tenant')::uuid as tenant_id) c;
  insert into pg_temp.tenants values (current_setting('test.tenant')::uuid, true);`;

/** Returns what an account sees in a session whose search path starts with its own tables. */
async function seenBy(account: string, tenant: string) {
  const undo = new Error("undo");
  let seen: Record<string, unknown> | undefined;
  const done = asOwner().begin(async (sql) => {
    const claims = JSON.stringify({ sub: account, role: "authenticated" });
    await sql`
      select set_config('request.jwt.claims', ${claims}, true),
        set_config('request.jwt.claim.sub', ${account}, true),
        set_config('test.tenant', ${tenant}, true)`;
    await sql`set local role authenticated`;
    await sql.unsafe(shadows).simple();
    await sql`set local search_path = pg_temp, public`;
    [seen] = await sql`
      select
        (select count(*)::int from users) as shadows,
        (select count(*)::int from public.conversations) as conversations,
        (select count(*)::int from public.tenants) as tenants`;
    throw undo;
  });
  await expect(done).rejects.toBe(undo);
  return seen;
}

test("a caller's tables that shadow those of the policies give no access", async () => {
  const outsider = await createMember(await createTenant());
  expect(await seenBy(outsider.account, ada.tenant_id)).toEqual({
    shadows: 1,
    conversations: 0,
    tenants: 1,
  });
  expect(await seenBy(ada.account, ada.tenant_id)).toEqual({
    shadows: 1,
    conversations: 1,
    tenants: 1,
  });
});

describe("a role of the API cannot create objects", () => {
  test.each(["anon", "authenticated", "service_role"])("%s", async (role) => {
    const [found] = await asOwner()`
      select
        has_schema_privilege(${role}, 'public', 'create') as public,
        has_schema_privilege(${role}, 'private', 'create') as private,
        has_schema_privilege(${role}, 'extensions', 'create') as extensions,
        has_schema_privilege('postgres', 'public', 'create') as control`;
    expect(found).toEqual({ public: false, private: false, extensions: false, control: true });
  });
});
