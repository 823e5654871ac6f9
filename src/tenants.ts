/** The tenants of a person who is a member of several. */
import { callFunction } from "./request/functions.js";
import type { Client, RequestOptions } from "./request/request.js";
import type { MyTenant } from "./schema/rows.js";

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
