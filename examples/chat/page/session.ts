/** The signed-in account, its tenant in this tab, and everything that ends with the session. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import {
  chooseTenant,
  type Database,
  DatabaseError,
  listMyTenants,
  type Membership,
  type MyTenant,
  type Tenant,
  tenantClient,
} from "supabase-ai-schema";
import { toast } from "./toast.ts";

/** Vite fills in these values (`vite.config.ts`). The secret key is not among them. */
declare const __SUPABASE_URL__: string;
declare const __SUPABASE_PUBLISHABLE_KEY__: string;

export type Client = SupabaseClient<Database>;

/** The client of the account. Its requests name no tenant: use `session.client` inside a tenant. */
export const accountClient: Client = createClient<Database>(
  __SUPABASE_URL__,
  __SUPABASE_PUBLISHABLE_KEY__,
);

/** `id` is the account's id, `auth.users.id`. */
export interface Account {
  id: string;
  email: string;
}

export interface Credentials {
  email: string;
  password: string;
}

export interface Session {
  /** All its requests are for the tenant below. */
  client: Client;
  account: Account;
  /** The membership, `users.id`, which other rows refer to. */
  userId: string;
  name: string;
  role: string;
  tenant: Pick<Tenant, "id" | "name" | "llm_model" | "branding">;
  /** All tenants of the account. */
  tenants: MyTenant[];
  /** Returns the name of a member. */
  nameOf: (userId: string) => string;
  /** Aborted when the person signs out, or switches to another tenant. */
  signal: AbortSignal;
}

/** Signs in, in place of the previous person. */
export async function signIn(credentials: Credentials): Promise<void> {
  await signOut();
  const { error } = await accountClient.auth.signInWithPassword(credentials);
  if (error) throw error;
}

/** Creates an account. A project may require that the person confirms the address first. */
export async function signUp(credentials: Credentials): Promise<void> {
  await signOut();
  const { data, error } = await accountClient.auth.signUp(credentials);
  if (error) throw error;
  if (!data.session) toast("Please confirm your email address, then sign in.");
}

export async function signOut(): Promise<void> {
  sessionStorage.removeItem(TENANT);
  await accountClient.auth.signOut({ scope: "local" });
}

/** Returns the account whose session the browser has kept. */
export async function findSignedIn(): Promise<Account | undefined> {
  const { data } = await accountClient.auth.getSession();
  const { user } = data.session ?? {};
  return user && { id: user.id, email: user.email ?? "" };
}

/** The tab remembers its tenant, so that two tabs can be in two tenants. */
const TENANT = "tenant";

/** Makes a tenant that of this tab, and the default of the account. */
export async function switchTenant(tenantId: string): Promise<void> {
  sessionStorage.setItem(TENANT, tenantId);
  await chooseTenant(accountClient, tenantId);
}

/**
 * Loads the tenant of this tab and its members. No filter is needed, because row level security
 * hides other tenants.
 *
 * @returns undefined when the account is in no tenant
 */
export async function loadSession(
  account: Account,
  signal: AbortSignal,
): Promise<Session | undefined> {
  const tenants = await listMyTenants(accountClient, { signal });
  const remembered = sessionStorage.getItem(TENANT);
  const chosen =
    tenants.find(({ id }) => id === remembered) ?? tenants.find(({ is_current }) => is_current);
  if (!chosen) return undefined;
  const client = tenantClient(accountClient, chosen.id);
  const [members, found] = await Promise.all([
    client.from("users").select("id, auth_id, name, email").abortSignal(signal),
    client.from("tenants").select("id, name, llm_model, branding").abortSignal(signal).single(),
  ]);
  signal.throwIfAborted();
  if (members.error) throw new DatabaseError(members.error);
  if (found.error) throw new DatabaseError(found.error);
  sessionStorage.setItem(TENANT, chosen.id);
  const names = new Map(members.data.map((member) => [member.id, nameOf(member)]));
  const me = members.data.find(({ auth_id }) => auth_id === account.id);
  return {
    client,
    account,
    userId: me?.id ?? "",
    name: me ? nameOf(me) : account.email,
    role: chosen.role,
    tenant: found.data,
    tenants,
    nameOf: (userId) => names.get(userId) ?? "a former member",
    signal,
  };
}

export function nameOf({ name, email }: Pick<Membership, "name" | "email">): string {
  return name ?? email;
}

/** Owners and admins manage the tenant. */
export const isAdmin = ({ role }: Pick<Session, "role">): boolean => role !== "user";
