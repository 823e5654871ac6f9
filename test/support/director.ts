import type { Tables, TablesInsert } from "../../src/index.ts";
import { type Member, must, uniqueName } from "./actors.ts";
import { serviceClient } from "./clients.ts";

/** A brand of a tenant, made by the service role. */
export async function createBrand(
  { tenant_id }: Pick<Member, "tenant_id">,
  values: Partial<TablesInsert<"brands">> = {},
): Promise<Tables<"brands">> {
  const row = { tenant_id, name: "Fixture", slug: uniqueName("brand"), ...values };
  return must(await serviceClient().from("brands").insert(row).select().single());
}

/** A session of a member, for a new brand unless one is given, made by the service role. */
export async function createSession(
  owner: Pick<Member, "account" | "tenant_id">,
  values: Partial<TablesInsert<"conversation_sessions">> = {},
): Promise<Tables<"conversation_sessions">> {
  const brand_id = values.brand_id ?? (await createBrand(owner)).id;
  const row = { user_id: owner.account, tenant_id: owner.tenant_id, ...values, brand_id };
  return must(await serviceClient().from("conversation_sessions").insert(row).select().single());
}

/** A message in a session, made by the service role. */
export async function createSessionMessage(
  session: Pick<Tables<"conversation_sessions">, "id">,
  values: Partial<TablesInsert<"conversation_messages">> = {},
): Promise<Tables<"conversation_messages">> {
  const row = { role: "user" as const, content: "Fixture", ...values, session_id: session.id };
  return must(await serviceClient().from("conversation_messages").insert(row).select().single());
}
