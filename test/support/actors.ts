import { uniqueName } from "../../scripts/contract/columns.ts";
import type { Tables, TablesInsert } from "../../src/index.ts";
import { anonClient, type Client } from "./clients.ts";
import { createRow } from "./rows.ts";

export type Tenant = Tables<"tenants">;

/** Somebody who has signed in; `account` is their id in `auth.users`. */
export interface Login {
  client: Client;
  account: string;
  email: string;
}

/** A login with a membership; `id` is that of `public.users`. */
export interface Member extends Login {
  id: string;
  tenant_id: string;
}

export const PASSWORD = "correct horse battery staple";

export async function createTenant(values: Partial<TablesInsert<"tenants">> = {}): Promise<Tenant> {
  return createRow("tenants", {}, values);
}

/** Signs up and is signed in, as local projects do without asking for a confirmation. */
export async function signUp(email = `${uniqueName("person")}@test.example`): Promise<Login> {
  const client = anonClient();
  const { data, error } = await client.auth.signUp({ email, password: PASSWORD });
  if (error) throw error;
  if (!data.user) throw new Error(`no user for ${email}`);
  return { client, account: data.user.id, email };
}

/** Invites a person to a tenant, who then signs up and is linked by the email. */
export async function createMember(
  tenant: { id: string },
  values: Partial<TablesInsert<"users">> = {},
): Promise<Member> {
  const email = `${uniqueName("member")}@test.example`;
  const place = { tenant_id: tenant.id };
  const { id, tenant_id } = await createRow("users", place, { email, ...values });
  return { ...(await signUp(email)), id, tenant_id };
}
