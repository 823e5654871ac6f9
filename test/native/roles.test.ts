import postgres from "postgres";
import { afterAll, describe, expect, inject, test } from "vitest";
import { asOwner } from "../support/clients.ts";

/** Connects as a login role that hosted Supabase creates. */
function as(role: string): postgres.Sql {
  const url = new URL(inject("stack").DB_URL);
  url.username = role;
  return postgres(url.href, { max: 1, onnotice: () => {} });
}

const rest = as("authenticator");
const auth = as("supabase_auth_admin");
afterAll(() => Promise.all([rest.end(), auth.end()]));

test("the role that migrates owns the schema, and is not a superuser", async () => {
  const [owner] = await asOwner()`
    select current_user::text as role, rolsuper, tableowner::text
    from pg_roles, pg_tables
    where rolname = current_user and schemaname = 'public' and tablename = 'messages'`;
  expect(owner).toEqual({ role: "postgres", rolsuper: false, tableowner: "postgres" });
});

test("the role that migrates does not own auth.users", async () => {
  await expect(asOwner()`alter table auth.users add column probe int`).rejects.toMatchObject({
    code: "42501",
  });
});

test("new objects grant nothing to the roles of the API", async () => {
  const [granted] = await asOwner().begin(async (sql) => {
    await sql`create table public.probe_grants (id int)`;
    const rows = await sql`
      select role, has_table_privilege(role, 'public.probe_grants', 'select') as granted
      from unnest(array['anon', 'authenticated', 'service_role', 'authenticator']) role
      where has_table_privilege(role, 'public.probe_grants', 'select')`;
    await sql`drop table public.probe_grants`;
    return rows;
  });
  expect(granted).toBeUndefined();
});

describe("the login role of the REST API", () => {
  test("cannot read the project's tables itself", async () => {
    for (const table of ["public.tenants", "public.messages", "private.maintenance_runs"]) {
      await expect(rest`select from ${rest(table)}`, table).rejects.toMatchObject({
        code: "42501",
      });
    }
  });

  test("can switch to the service role and read", async () => {
    const found = rest.begin(async (sql) => {
      await sql`set local role service_role`;
      return sql`select from public.tenants limit 1`;
    });
    await expect(found).resolves.toBeDefined();
  });

  test.each(["postgres", "supabase_auth_admin", "supabase_admin"])(
    "cannot switch to %s",
    async (role) => {
      await expect(rest`select set_config('role', ${role}, false)`).rejects.toMatchObject({
        code: "42501",
      });
    },
  );
});

describe("the login role of Auth", () => {
  test("cannot read the project's tables", async () => {
    await expect(auth`select from public.users`).rejects.toMatchObject({ code: "42501" });
    await expect(auth`select from auth.users limit 1`).resolves.toBeDefined();
  });

  test("cannot call the function that links accounts to memberships", async () => {
    const link = auth`select private.link_memberships(gen_random_uuid(), 'a@test.example')`;
    await expect(link).rejects.toMatchObject({ code: "42501" });
  });
});
