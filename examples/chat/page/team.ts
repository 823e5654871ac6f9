/** The members page: members, and for admins also invitations and the audit log. */
import { createAuditLog } from "./audit-log.ts";
import { create } from "./dom.ts";
import { createInvitations } from "./invitations.ts";
import { createMembers } from "./members.ts";
import { isAdmin, type Session } from "./session.ts";
import { attempt } from "./toast.ts";

/** Runs a change, shows its error, and reads the page again. */
export type Change = (work: () => Promise<unknown>) => Promise<void>;

export function createTeam(session: Session, { onReload }: { onReload: () => void }) {
  let isBusy = false;

  /** Runs one change at a time, then reads all sections again, also when the change was refused. */
  const change: Change = async (work) => {
    if (isBusy) return;
    isBusy = true;
    await attempt(work).finally(() => {
      isBusy = false;
    });
    await attempt(refresh);
  };

  const members = createMembers(session, { change, onReload });
  const sections = isAdmin(session)
    ? [members, createInvitations(session, { change }), createAuditLog(session)]
    : [members];

  async function refresh() {
    await Promise.all(sections.map((section) => section.refresh()));
  }

  return {
    element: create(
      "main",
      { class: "team" },
      create("h1", {}, `Members of ${session.tenant.name}`),
      ...sections.map(({ element }) => element),
    ),
    refresh,
  };
}
