import { randomUUID } from "node:crypto";
import type { Tables, TablesInsert } from "../../src/index.ts";
import { anonClient, type Client, serviceClient } from "./clients.ts";

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

/** A short random name, so that tests that run at the same time do not meet. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

/** What the service role got, or the error it met: fixtures must not fail silently. */
export function must<T>({ data, error }: { data: T; error: Error | null }): NonNullable<T> {
  if (error) throw error;
  if (data === null || data === undefined) throw new Error("the fixture returned nothing");
  return data;
}

export async function createTenant(values: Partial<TablesInsert<"tenants">> = {}): Promise<Tenant> {
  const slug = uniqueName("test");
  return must(
    await serviceClient()
      .from("tenants")
      .insert({ name: slug, slug, ...values })
      .select()
      .single(),
  );
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
  const { id, tenant_id } = must(
    await serviceClient()
      .from("users")
      .insert({ tenant_id: tenant.id, email, ...values })
      .select()
      .single(),
  );
  return { ...(await signUp(email)), id, tenant_id };
}

/** A conversation of a member, made by the service role. */
export async function createConversation(
  owner: Pick<Member, "id" | "tenant_id">,
  values: Partial<TablesInsert<"conversations">> = {},
): Promise<Tables<"conversations">> {
  const row = { user_id: owner.id, tenant_id: owner.tenant_id, title: "Fixture", ...values };
  return must(await serviceClient().from("conversations").insert(row).select().single());
}

/** A message in a new conversation of a member, made by the service role. */
export async function createMessage(
  owner: Pick<Member, "id" | "tenant_id">,
  values: Partial<TablesInsert<"messages">> = {},
): Promise<Tables<"messages">> {
  const conversation_id = values.conversation_id ?? (await createConversation(owner)).id;
  return must(
    await serviceClient()
      .from("messages")
      .insert({
        conversation_id,
        tenant_id: owner.tenant_id,
        role: "user",
        content: "Fixture",
        ...values,
      })
      .select()
      .single(),
  );
}
