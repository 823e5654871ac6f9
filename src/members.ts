/** The members of the tenant that a request is for. */
import { callFunction } from "./request/functions.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { Membership, UserRole } from "./schema/rows.js";

/**
 * Returns the members of the tenant, also those who are deactivated or have not signed up yet, in
 * the order in which they joined.
 *
 * @param options.former true returns also former members, who have a time in `left_at`
 * @returns at most 1000 members
 * @throws DatabaseError `42501` when nobody is signed in
 *
 * @example
 * const members = await listMembers(supabase);
 */
export async function listMembers(
  client: Client,
  options: RequestOptions & { former?: boolean | undefined } = {},
): Promise<Membership[]> {
  return request(client, options, (database, signal) => {
    const members = database.from("users").select().order("created_at").order("id");
    if (!options.former) members.is("left_at", null);
    return members.abortSignal(signal);
  });
}

/**
 * Changes the role of a member. For owners and admins of the tenant.
 *
 * @param memberId the membership, `users.id`
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, or when an admin changes
 *   an owner or makes one; `P0002` for an unknown member; `55000` for the last owner
 *
 * @example
 * await setMemberRole(supabase, member.id, "admin");
 */
export async function setMemberRole(
  client: Client,
  memberId: string,
  role: UserRole,
  options: RequestOptions = {},
): Promise<void> {
  const args = { p_user_id: memberId, p_role: role };
  await callFunction(client, "set_member_role", args, options);
}

/**
 * Deactivates a member, who then reads and writes nothing in the tenant. For owners and admins.
 *
 * @param memberId the membership, `users.id`
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, or the member is an owner
 *   and the caller is not; `P0002` for an unknown member; `55000` for the last owner
 *
 * @example
 * await deactivateMember(supabase, member.id);
 */
export async function deactivateMember(
  client: Client,
  memberId: string,
  options: RequestOptions = {},
): Promise<void> {
  const args = { p_user_id: memberId, p_is_active: false };
  await callFunction(client, "set_member_active", args, options);
}

/**
 * Activates a member who was deactivated. For owners and admins.
 *
 * @param memberId the membership, `users.id`
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, or when an admin
 *   activates an owner; `P0002` for an unknown member; `PT429` when all seats of the tenant are taken
 *
 * @example
 * await activateMember(supabase, member.id);
 */
export async function activateMember(
  client: Client,
  memberId: string,
  options: RequestOptions = {},
): Promise<void> {
  const args = { p_user_id: memberId, p_is_active: true };
  await callFunction(client, "set_member_active", args, options);
}

/**
 * Removes a member from the tenant. Their rows stay. For owners and admins.
 *
 * @param memberId the membership, `users.id`
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, or the member is an owner
 *   and the caller is not; `P0002` for an unknown member; `55000` for the last owner
 *
 * @example
 * await removeMember(supabase, member.id);
 */
export async function removeMember(
  client: Client,
  memberId: string,
  options: RequestOptions = {},
): Promise<void> {
  await callFunction(client, "remove_member", { p_user_id: memberId }, options);
}

/**
 * Ends the caller's membership in the tenant that the client's requests are for.
 *
 * @throws DatabaseError `42501` when the caller is no member, `55000` for the last owner
 *
 * @example
 * await leaveTenant(tenantClient(supabase, tenant.id));
 */
export async function leaveTenant(client: Client, options: RequestOptions = {}): Promise<void> {
  await callFunction(client, "leave_tenant", {}, options);
}

/**
 * Makes another member an owner, and gives the caller another role. For owners.
 *
 * @param memberId the membership of the new owner, `users.id`
 * @param options.role the caller's role afterwards, `admin` by default
 * @throws DatabaseError `42501` when the caller is no owner, `P0002` when there is no such active
 *   member with an account, `22023` when the member is the caller
 *
 * @example
 * await transferOwnership(supabase, member.id, { role: "user" });
 */
export async function transferOwnership(
  client: Client,
  memberId: string,
  options: RequestOptions & { role?: Exclude<UserRole, "owner"> | undefined } = {},
): Promise<void> {
  const args = { p_user_id: memberId, p_then: options.role };
  await callFunction(client, "transfer_ownership", args, options);
}
