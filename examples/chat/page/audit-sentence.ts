/** Says in one sentence what an entry of the audit log records. */
import type { AuditLogEntry } from "supabase-ai-schema";
import { count } from "./format.ts";

/** The names in sentences. An invitation by link has the address null. */
export interface Names {
  /** The account of the reader. */
  me: string;
  accounts: Map<string | null, string>;
  members: Map<string, string>;
  invitations: Map<string, string | null>;
}

/** Returns, for example, "Ada changed the role of Ben from user to admin." */
export function sentenceFor(entry: AuditLogEntry, names: Names): string {
  const describe = DESCRIPTIONS[entry.relation] ?? describeOther;
  return `${actorOf(entry, names)} ${describe(entry, names)}.`;
}

function actorOf({ actor_id, row_id, relation }: AuditLogEntry, names: Names): string {
  if (actor_id === null) return "The backend";
  if (actor_id === names.me) return "You";
  const invited = relation === "invitations" && row_id ? names.invitations.get(row_id) : null;
  return names.accounts.get(actor_id) ?? invited ?? "Somebody";
}

type Describe = (entry: AuditLogEntry, names: Names) => string;

const DESCRIPTIONS: Record<string, Describe> = {
  users: describeMember,
  invitations: describeInvitation,
  tenants: describeTenant,
  brands: describeBrand,
};

function describeMember(entry: AuditLogEntry, names: Names): string {
  const { action, actor_id, row_id, before, after } = entry;
  const isOwn = actor_id !== null && [before.auth_id, after.auth_id].includes(actor_id);
  const name =
    (row_id && names.members.get(row_id)) ??
    String(after.name ?? after.email ?? before.name ?? before.email ?? "a member");
  if (action === "insert")
    return isOwn ? `joined as ${after.role}` : `added ${name} as ${after.role}`;
  if (action === "delete") return `deleted the membership of ${name}`;
  if (after.left_at) return isOwn ? "left" : `removed ${name}`;
  if (before.left_at) return "joined again";
  if (after.role) return `changed the role of ${name} from ${before.role} to ${after.role}`;
  if ("is_active" in after) return `${after.is_active ? "activated" : "deactivated"} ${name}`;
  if ("auth_id" in after) return `${after.auth_id ? "linked" : "unlinked"} the account of ${name}`;
  return `changed the ${columnsOf(entry)} of ${name}`;
}

function describeInvitation(entry: AuditLogEntry, names: Names): string {
  const { action, actor_role, row_id, after } = entry;
  const email = row_id && names.invitations.get(row_id);
  const which = email ? `the invitation for ${email}` : "an invitation link";
  if (action === "insert") {
    return after.email
      ? `invited ${after.email} as ${after.role}`
      : `made an invitation link for ${count(Number(after.max_uses), `${after.role}`)}`;
  }
  if (action === "delete") return `deleted ${which}`;
  // The database writes "authenticated" for an actor who is no member.
  if (after.revoked_at)
    return `${actor_role === "authenticated" ? "declined" : "revoked"} ${which}`;
  if ("uses" in after) return `accepted ${which}`;
  if ("sent_count" in after) return `sent ${which} again`;
  return `changed the ${columnsOf(entry)} of ${which}`;
}

function describeTenant(entry: AuditLogEntry): string {
  const { action, after } = entry;
  if (action === "insert") return "created the organisation";
  if (action === "delete") return "deleted the organisation";
  if (after.delete_after) return "asked to delete the organisation";
  if ("is_active" in after)
    return `${after.is_active ? "activated" : "deactivated"} the organisation`;
  return `changed the ${columnsOf(entry)} of the organisation`;
}

function describeBrand(entry: AuditLogEntry): string {
  const { action, before, after } = entry;
  if (action === "insert") return `added the brand ${after.name}`;
  if (action === "delete") return `deleted the brand ${before.name}`;
  return `changed the ${columnsOf(entry)} of a brand`;
}

/** The service role can add entries about other tables. */
function describeOther({ action, relation }: AuditLogEntry): string {
  return `made the change “${action}” in ${relation}`;
}

/** Returns the changed columns as words: "name and system prompt". */
function columnsOf({ after }: AuditLogEntry): string {
  const words = Object.keys(after).map((column) => column.replaceAll("_", " "));
  return new Intl.ListFormat("en").format(words);
}
