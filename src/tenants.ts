/** The tenants of a person: choosing, creating and deleting them. */
import { callFunction } from "./request/functions.js";
import type { Client, RequestOptions } from "./request/request.js";
import type { MyTenant, Tenant } from "./schema/rows.js";

/**
 * Returns the tenants of the caller, in the order in which they joined.
 *
 * @returns the active tenants with an active membership of the caller. `is_current` marks the one
 *   that this client's requests are for, `is_default` the choice of {@link chooseTenant}
 * @throws DatabaseError `42501` when nobody is signed in
 *
 * @example
 * const tenants = await listMyTenants(supabase);
 */
export async function listMyTenants(
  client: Client,
  options: RequestOptions = {},
): Promise<MyTenant[]> {
  return callFunction(client, "list_my_tenants", {}, options);
}

/**
 * Makes a tenant the caller's default: requests that name no tenant are for it, on every device.
 *
 * @param tenantId one of the caller's tenants, `tenants.id`
 * @throws DatabaseError `P0002` when the caller is not an active member of it
 *
 * @example
 * await chooseTenant(supabase, tenant.id);
 */
export async function chooseTenant(
  client: Client,
  tenantId: string,
  options: RequestOptions = {},
): Promise<void> {
  await callFunction(client, "choose_tenant", { p_tenant_id: tenantId }, options);
}

/**
 * Creates a tenant, whose owner is the caller. Requests stay in the caller's current tenant, so call
 * {@link tenantClient} or {@link chooseTenant} next.
 *
 * @param values.name 1 to 200 characters
 * @param values.slug the name in URLs, in lower-case kebab case; made from the name by default
 * @returns the new tenant
 * @throws DatabaseError `42501` when the caller's address is not confirmed, or the project does not
 *   let people create tenants; `23505` when another tenant has the slug; `23514` for an invalid name
 *   or slug; `PT429` when the account owns too many tenants
 *
 * @example
 * const acme = await createTenant(supabase, { name: "Acme" });
 * const inAcme = tenantClient(supabase, acme.id);
 */
export async function createTenant(
  client: Client,
  values: { name: string; slug?: string | undefined },
  options: RequestOptions = {},
): Promise<Tenant> {
  const args = { p_name: values.name, p_slug: values.slug };
  return callFunction(client, "create_tenant", args, options);
}

/**
 * Deactivates the tenant that the client's requests are for. It is deleted with all its rows after
 * 30 days. Until then, your backend can undo this. For owners.
 *
 * @param slug the slug of the tenant, for confirmation
 * @returns the time after which the tenant is deleted
 * @throws DatabaseError `42501` when the caller is no owner, `22023` when the tenant has another slug
 *
 * @example
 * const deletedAfter = await deleteTenant(tenantClient(supabase, tenant.id), tenant.slug);
 */
export async function deleteTenant(
  client: Client,
  slug: string,
  options: RequestOptions = {},
): Promise<string> {
  return callFunction(client, "delete_tenant", { p_confirm_slug: slug }, options);
}

/**
 * Returns a second client, whose requests to tables and functions are for one tenant of the
 * signed-in person. It shares everything else with the first, also the session.
 *
 * @param client a client of supabase-js or `@supabase/ssr`
 * @param tenantId one of the caller's tenants, `tenants.id`. With another id, a signed-in person
 *   sees nothing, and cannot write. A client with the secret key sees all tenants anyway
 *
 * @example
 * const [tenant] = await listMyTenants(supabase);
 * const inTenant = tenantClient(supabase, tenant.id);
 * const { conversations } = await listConversations(inTenant);
 */
export function tenantClient<SomeClient extends Client>(
  client: SomeClient,
  tenantId: string,
): SomeClient {
  const { rest } = client as unknown as { rest: { headers: Headers } };
  // Only requests of `rest` get the header: Auth answers the preflight of a browser without it.
  const headers = new Headers(rest.headers);
  headers.set("x-tenant-id", tenantId);
  const restInTenant = Object.create(rest, { headers: { value: headers } });
  return Object.create(client, { rest: { value: restInTenant } });
}
