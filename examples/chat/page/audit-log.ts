/** The audit log of the tenant, for admins: one sentence per entry, the newest first. */
import {
  type AuditCursor,
  type AuditLogEntry,
  DatabaseError,
  listAuditLog,
  listInvitations,
} from "supabase-ai-schema";
import { type Names, sentenceFor } from "./audit-sentence.ts";
import { create, createButton } from "./dom.ts";
import { when } from "./format.ts";
import { onlyLatest } from "./latest.ts";
import { nameOf, type Session } from "./session.ts";
import { attempt } from "./toast.ts";

const PAGE = 10;
/** The largest page that the helpers allow. */
const LARGEST_PAGE = 999;

export function createAuditLog(session: Session) {
  const latest = onlyLatest(session.signal);
  let names: Names | undefined;
  let next: AuditCursor | null = null;
  const rows = create("ol", { class: "entries", "aria-label": "Audit log" });
  const older = createButton(
    { class: "more" },
    () => void attempt(() => load(next)),
    "Older entries",
  );

  async function load(after: AuditCursor | null) {
    const known = after ? names : undefined;
    const [page, found] = await latest((signal) =>
      Promise.all([
        listAuditLog(session.client, { after, limit: PAGE, signal }),
        known ?? readNames(session, signal),
      ]),
    );
    next = page.next;
    names = found;
    learn(names, page.entries);
    const added = page.entries.map((entry) => createEntry(entry, found));
    if (after) rows.append(...added);
    else rows.replaceChildren(...added);
    older.hidden = next === null;
  }

  older.hidden = true;
  return {
    element: create(
      "section",
      { class: "card", "aria-labelledby": "audit-log-title" },
      create("h2", { id: "audit-log-title" }, "Audit log"),
      rows,
      older,
    ),
    /** Reads the first page again. */
    refresh: () => load(null),
  };
}

function createEntry(entry: AuditLogEntry, names: Names) {
  const exact = new Date(entry.at).toLocaleString("en");
  return create(
    "li",
    { class: "entry" },
    create("span", { class: "sentence" }, sentenceFor(entry, names)),
    create("time", { class: "hint", datetime: entry.at, title: exact }, when(entry.at)),
  );
}

/** Reads the names of current and former members, and the addresses of invitations. */
async function readNames({ client, account }: Session, signal: AbortSignal): Promise<Names> {
  const [members, { invitations }] = await Promise.all([
    client.from("users").select("id, auth_id, name, email").abortSignal(signal),
    listInvitations(client, { limit: LARGEST_PAGE, signal }),
  ]);
  signal.throwIfAborted();
  if (members.error) throw new DatabaseError(members.error);
  return {
    me: account.id,
    accounts: new Map(members.data.map((member) => [member.auth_id, nameOf(member)])),
    members: new Map(members.data.map((member) => [member.id, nameOf(member)])),
    invitations: new Map(invitations.map(({ id, email }) => [id, email])),
  };
}

/** Finds the account of a former member in the entry of their leaving. Older entries need it. */
function learn({ accounts, members }: Names, entries: AuditLogEntry[]) {
  for (const { relation, row_id, before } of entries) {
    const name = row_id && members.get(row_id);
    const account = before.auth_id;
    if (relation !== "users" || !name || typeof account !== "string") continue;
    if (!accounts.has(account)) accounts.set(account, name);
  }
}
