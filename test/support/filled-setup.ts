import { readFile } from "node:fs/promises";
import type postgres from "postgres";
import type { TestProject } from "vitest/node";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { withConnection } from "../../scripts/project/database-url.ts";
import type { StackEnvironment } from "../../scripts/stack/stack.ts";
import { fillRest } from "../advisors/fill-rest.ts";
import { PASSWORD } from "./actors.ts";
import { createStackClient } from "./clients.ts";
import { setup as setupStack } from "./global-setup.ts";

/** The owner of a tenant. Has rows in every table, and the password `PASSWORD`. */
export interface FilledMember {
  id: string;
  tenant_id: string;
  account: string;
  email: string;
}

declare module "vitest" {
  export interface ProvidedContext {
    filledMember: FilledMember;
  }
}

/** Same as `global-setup.ts`, except that the stack has enough rows for indexes to be useful. */
export async function setup(project: TestProject) {
  const close = await setupStack(project);
  const { stack } = project.getProvidedContext();
  const fill = await readFile(new URL("../advisors/fill.sql", import.meta.url), "utf8");
  await withConnection(stack.DB_URL, async (sql) => {
    project.provide("filledMember", await signUpOwner(sql, stack));
    await sql.unsafe(fill).simple();
    await fillRest(sql);
    await sql`vacuum analyze`;
  });
  return close;
}

async function signUpOwner(sql: postgres.Sql, stack: StackEnvironment): Promise<FilledMember> {
  const email = `${uniqueName("owner")}@test.example`;
  const [membership] = await sql<{ id: string; tenant_id: string }[]>`
    with tenant as (
      insert into public.tenants (name, slug) values ('Filled', ${uniqueName("test")})
      returning id
    )
    insert into public.users (tenant_id, email, role) select id, ${email}, 'owner' from tenant
    returning id, tenant_id`;
  const { auth } = createStackClient(stack.API_URL, stack.PUBLISHABLE_KEY);
  const { data, error } = await auth.signUp({ email, password: PASSWORD });
  if (error) throw error;
  if (!membership || !data.user) throw new Error(`the sign-up of ${email} failed`);
  return { ...membership, account: data.user.id, email };
}
