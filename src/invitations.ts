/** Invitations to the tenant that a request is for. */
import { callFunction } from "./request/functions.js";
import { type InvitationCursor, isBefore, pageOf, rowsFor } from "./request/pages.js";
import { type Client, type RequestOptions, request } from "./request/request.js";
import type { FunctionArgs } from "./schema/database.js";
import type {
  Invitation,
  InvitationPreview,
  InvitationRole,
  Membership,
  NewInvitation,
} from "./schema/rows.js";

/** What can be set of an invitation. */
interface InvitationValues {
  role?: InvitationRole | undefined;
  days?: number | undefined;
}

/**
 * Invites an email address. Send the token to this address, in a link to your page that calls
 * {@link acceptInvitation}. The invitation is valid only while the caller stays an owner or admin.
 *
 * @param values.email the address
 * @param values.role the role of the new member, `user` by default
 * @param values.days days until the invitation expires, more than 0 and at most 30; 7 by default
 * @returns the id and the token. The database stores only a hash, so nobody can read the token
 *   again
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, `23505` when the address
 *   has a membership or a pending invitation, `22023` or `23514` for invalid values, `PT429` when
 *   all seats are taken or the tenant has sent too many invitations in 24 hours
 *
 * @example
 * const { token } = await createInvitation(supabase, { email: "ben@acme.example" });
 * await sendEmail("ben@acme.example", `https://app.example/join#${token}`);
 */
export async function createInvitation(
  client: Client,
  values: InvitationValues & { email: string },
  options: RequestOptions = {},
): Promise<NewInvitation> {
  return create(client, { ...argsOf(values), p_email: values.email }, options);
}

/**
 * Creates an open link, which everybody with the token can use. It is valid only while the caller
 * stays an owner or admin.
 *
 * @param values.role the role of the new members, `user` by default
 * @param values.days days until the link expires, more than 0 and at most 30; 7 by default
 * @param values.maxUses number of people who can accept, 1 to 1000; 1 by default
 * @returns the id and the token. The database stores only a hash, so nobody can read the token
 *   again
 * @throws DatabaseError same as {@link createInvitation}, except `23505`
 *
 * @example
 * const { token } = await createInvitationLink(supabase, { maxUses: 50 });
 */
export async function createInvitationLink(
  client: Client,
  values: InvitationValues & { maxUses?: number | undefined } = {},
  options: RequestOptions = {},
): Promise<NewInvitation> {
  return create(client, { ...argsOf(values), p_max_uses: values.maxUses }, options);
}

function argsOf({ role, days }: InvitationValues) {
  return { p_role: role, p_expires_in: days === undefined ? undefined : `${days} days` };
}

async function create(
  client: Client,
  args: FunctionArgs<"create_invitation">,
  options: RequestOptions,
): Promise<NewInvitation> {
  const [created] = await callFunction(client, "create_invitation", args, options);
  return created as NewInvitation;
}

/**
 * Returns one page of the tenant's invitations, the last sent first. For owners and admins; other
 * callers get none.
 *
 * @param options.pending true returns only invitations that are neither accepted nor revoked
 * @param options.after cursor: the `next` of the previous page
 * @param options.limit invitations per page, 1 to 999; 20 by default
 * @returns `invitations`, and `next`, the cursor of the next page, or null on the last page
 * @throws DatabaseError `22023` for a limit out of range
 *
 * @example
 * const { invitations } = await listInvitations(supabase, { pending: true });
 */
export async function listInvitations(
  client: Client,
  options: RequestOptions & {
    pending?: boolean | undefined;
    after?: InvitationCursor | null | undefined;
    limit?: number | undefined;
  } = {},
): Promise<{ invitations: Invitation[]; next: InvitationCursor | null }> {
  const { pending = false, after, limit = 20 } = options;
  const found = await request(client, options, (database, signal) => {
    const newest = database
      .from("invitations")
      .select()
      .order("last_sent_at", { ascending: false })
      .order("id", { ascending: false })
      .limit(rowsFor(limit))
      .abortSignal(signal);
    if (pending) newest.is("accepted_at", null).is("revoked_at", null);
    return after ? newest.or(isBefore("last_sent_at", after)) : newest;
  });
  const { page, next } = pageOf(found, limit, "last_sent_at");
  return { invitations: page, next };
}

/**
 * Returns a new token of an invitation, and starts its time again. The old token is no longer
 * valid, and the caller becomes the inviter. For owners and admins.
 *
 * @param id the invitation, `invitations.id`
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, `P0002` for an unknown
 *   invitation, `55000` when it is accepted or revoked, `PT429` when the tenant has sent too many invitations
 *
 * @example
 * const token = await resendInvitation(supabase, invitation.id);
 */
export async function resendInvitation(
  client: Client,
  id: string,
  options: RequestOptions = {},
): Promise<string> {
  return callFunction(client, "resend_invitation", { p_id: id }, options);
}

/**
 * Makes the token of an invitation invalid. For owners and admins.
 *
 * @param id the invitation, `invitations.id`
 * @throws DatabaseError `42501` when the caller is neither owner nor admin, `P0002` for an unknown
 *   invitation, `55000` when it is accepted or revoked
 *
 * @example
 * await revokeInvitation(supabase, invitation.id);
 */
export async function revokeInvitation(
  client: Client,
  id: string,
  options: RequestOptions = {},
): Promise<void> {
  await callFunction(client, "revoke_invitation", { p_id: id }, options);
}

/**
 * Returns what the signed-in caller would accept: the tenant, the role, and who invited.
 *
 * @throws DatabaseError `P0002` and `42501` in the same cases as {@link acceptInvitation}
 *
 * @example
 * const { tenant_name, role } = await previewInvitation(supabase, token);
 */
export async function previewInvitation(
  client: Client,
  token: string,
  options: RequestOptions = {},
): Promise<InvitationPreview> {
  const [found] = await callFunction(client, "preview_invitation", { p_token: token }, options);
  return found as InvitationPreview;
}

/**
 * Makes the signed-in caller a member of the tenant. Can be repeated: a member gets their
 * membership. Requests without a tenant stay where they are, so call {@link tenantClient} or
 * {@link chooseTenant} next.
 *
 * @returns the membership
 * @throws DatabaseError `P0002` for a token that is unknown, used up, expired or revoked; `42501`
 *   when the invitation is for another address, or the caller's address is not confirmed; `PT429`
 *   when all seats of the tenant are taken
 *
 * @example
 * const { tenant_id } = await acceptInvitation(supabase, token);
 * await chooseTenant(supabase, tenant_id);
 */
export async function acceptInvitation(
  client: Client,
  token: string,
  options: RequestOptions = {},
): Promise<Membership> {
  return callFunction(client, "accept_invitation", { p_token: token }, options);
}

/**
 * Makes the token of an invitation to the caller's address invalid. An open link stays valid for
 * others.
 *
 * @throws DatabaseError `P0002` and `42501` in the same cases as {@link acceptInvitation}
 *
 * @example
 * await declineInvitation(supabase, token);
 */
export async function declineInvitation(
  client: Client,
  token: string,
  options: RequestOptions = {},
): Promise<void> {
  await callFunction(client, "decline_invitation", { p_token: token }, options);
}
