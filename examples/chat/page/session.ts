/** The signed-in person, and everything that ends with their session. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { type Database, DatabaseError, type Membership, type Tenant } from "supabase-ai-schema";
import { DEMO_PASSWORD, type Person, people } from "./people.ts";

/** Vite fills in these values (`vite.config.ts`). The secret key is not among them. */
declare const __SUPABASE_URL__: string;
declare const __SUPABASE_PUBLISHABLE_KEY__: string;

export type Client = SupabaseClient<Database>;

const client: Client = createClient<Database>(__SUPABASE_URL__, __SUPABASE_PUBLISHABLE_KEY__);

type Member = Pick<Membership, "name" | "email">;

export interface Session {
  client: Client;
  person: Person;
  /** The membership, `users.id`, which other rows refer to. */
  userId: string;
  tenant: Pick<Tenant, "id" | "name" | "llm_model" | "branding">;
  /** Returns the name of a member. */
  nameOf: (userId: string) => string;
  /** Aborted when the person signs out. */
  signal: AbortSignal;
}

/** Signs in, in place of the previous person. */
export async function signIn({ email }: Person): Promise<void> {
  await signOut();
  const { error } = await client.auth.signInWithPassword({ email, password: DEMO_PASSWORD });
  if (error) throw error;
}

export async function signOut(): Promise<void> {
  await client.auth.signOut({ scope: "local" });
}

/** Returns the demo person whose session the browser has kept. */
export async function findSignedIn(): Promise<Person | undefined> {
  const { data } = await client.auth.getSession();
  return people.find(({ email }) => email === data.session?.user.email);
}

/**
 * Loads the tenant and its members. No filter is needed, because row level security hides other
 * tenants.
 */
export async function loadSession(person: Person, signal: AbortSignal): Promise<Session> {
  const [members, tenants] = await Promise.all([
    client.from("users").select("id, name, email").abortSignal(signal),
    client.from("tenants").select("id, name, llm_model, branding").abortSignal(signal).single(),
  ]);
  signal.throwIfAborted();
  if (members.error) throw new DatabaseError(members.error);
  if (tenants.error) throw new DatabaseError(tenants.error);
  const names = new Map(members.data.map((member) => [member.id, nameOf(member)]));
  return {
    client,
    person,
    userId: members.data.find(({ email }) => email === person.email)?.id ?? "",
    tenant: tenants.data,
    nameOf: (userId) => names.get(userId) ?? "a former member",
    signal,
  };
}

function nameOf({ name, email }: Member): string {
  return name ?? email;
}
