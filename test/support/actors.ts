import { readFileSync } from "node:fs";
import { uniqueName } from "../../scripts/contract/columns.ts";
import type { ServiceInsert, Tables } from "../../src/index.ts";
import { anonClient, asApi, type Client } from "./clients.ts";
import { createRow } from "./rows.ts";
import { sign } from "./tokens.ts";

export type Tenant = Tables<"tenants">;

/** A signed-in account; `account` is its id in `auth.users`. */
export interface Login {
  client: Client;
  account: string;
  email: string;
}

/** A signed-in account with a membership; `id` is the membership's id in `public.users`. */
export interface Member extends Login {
  id: string;
  tenant_id: string;
}

export const PASSWORD = "correct horse battery staple";

export async function createTenant(
  values: Partial<ServiceInsert<"tenants">> = {},
): Promise<Tenant> {
  return createRow("tenants", {}, values);
}

/**
 * Signs up through the API, which also signs in, because local projects require no confirmation.
 * Use it in suites about accounts. Other suites use `createLogin()`, which is faster because it
 * computes no slow password hash.
 */
export async function signUp(email = newEmail("person")): Promise<Login> {
  const client = anonClient();
  const { data, error } = await client.auth.signUp({ email, password: PASSWORD });
  if (error) throw error;
  if (!data.user) throw new Error(`no user for ${email}`);
  return { client, account: data.user.id, email };
}

/**
 * Creates an account in the database, and signs it in with a token that the test signs.
 * `test/stack/minted-tokens.test.ts` checks that both equal those of a sign-up. Signing in with
 * `PASSWORD` works, too.
 */
export async function createLogin(email = newEmail("person")): Promise<Login> {
  const [made] = await asApi().unsafe<{ account: string; session: string }[]>(ACCOUNT, [
    email,
    PASSWORD,
  ]);
  if (!made) throw new Error(`no account for ${email}`);
  const { account, session } = made;
  const now = Math.floor(Date.now() / 1000);
  const role = "authenticated";
  const claims = {
    ...{ sub: account, aud: role, role, email, session_id: session },
    ...{ phone: "", aal: "aal1", amr: [{ method: "password", timestamp: now }] },
    app_metadata: { provider: "email", providers: ["email"] },
    user_metadata: { email, email_verified: true, phone_verified: false, sub: account },
    is_anonymous: false,
  };
  const client = anonClient();
  const { error } = await client.auth.setSession({
    access_token: sign({ ...claims, iat: now, exp: now + 3600 }),
    refresh_token: session,
  });
  if (error) throw error;
  return { client, account, email };
}

const ACCOUNT = readFileSync(new URL("account.sql", import.meta.url), "utf8");

const newEmail = (prefix: string) => `${uniqueName(prefix)}@test.example`;

/** Creates a membership for a new email, then an account, which the email links to it. */
export async function createMember(
  tenant: { id: string },
  values: Partial<ServiceInsert<"users">> = {},
): Promise<Member> {
  const email = newEmail("member");
  const place = { tenant_id: tenant.id };
  const { id, tenant_id } = await createRow("users", place, { email, ...values });
  return { ...(await createLogin(email)), id, tenant_id };
}
