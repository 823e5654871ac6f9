/** The invitations of the tenant, for admins: by address or by link, and those that are pending. */
import {
  createInvitation,
  createInvitationLink,
  type Invitation,
  type InvitationCursor,
  listInvitations,
  resendInvitation,
  revokeInvitation,
} from "supabase-ai-schema";
import { create, createButton, replaceRows } from "./dom.ts";
import { count, when } from "./format.ts";
import { createAddressForm, createLinkForm, type NewInvite } from "./invitation-forms.ts";
import { onlyLatest } from "./latest.ts";
import { linkFor } from "./place.ts";
import type { Session } from "./session.ts";
import type { Change } from "./team.ts";
import { attempt, toast } from "./toast.ts";

const PAGE = 10;

export function createInvitations({ client, signal }: Session, { change }: { change: Change }) {
  const latest = onlyLatest(signal);
  let next: InvitationCursor | null = null;
  const link = create("div", { class: "link", role: "status" });
  const rows = create("ul", {
    class: "entries",
    "aria-label": "Pending invitations",
    tabindex: -1,
  });
  const none = create("p", { class: "hint" }, "No pending invitations.");
  const more = createButton({ class: "more" }, () => void attempt(() => load(next)), "More");

  async function load(after: InvitationCursor | null) {
    const page = await latest((signal) =>
      listInvitations(client, { pending: true, after, limit: PAGE, signal }),
    );
    next = page.next;
    const added = page.invitations.map(createEntry);
    if (after) rows.append(...added);
    else replaceRows(rows, added);
    more.hidden = next === null;
    none.hidden = rows.childElementCount > 0;
  }

  function createEntry(invitation: Invitation) {
    const { id, email, role, max_uses, uses, expires_at } = invitation;
    const title = email ?? `Link for ${count(max_uses - uses, `more ${role}`)}`;
    const isExpired = Date.parse(expires_at) <= Date.now();
    const time = `${isExpired ? "expired" : "expires"} ${when(expires_at)}`;
    return create(
      "li",
      { class: "entry", "aria-label": title },
      create(
        "div",
        { class: "who" },
        create("span", { class: "title" }, title),
        create("span", { class: "hint" }, email ? `${role} · ${time}` : time),
      ),
      create(
        "div",
        { class: "controls" },
        createButton(
          { class: "quiet", "aria-label": `Resend: ${title}`, "data-key": `resend ${id}` },
          () => void change(() => resend(invitation)),
          "Resend",
        ),
        createButton(
          { class: "quiet", "aria-label": `Revoke: ${title}`, "data-key": `revoke ${id}` },
          () => void change(() => revoke(id)),
          "Revoke",
        ),
      ),
    );
  }

  async function invite({ email, maxUses, role }: NewInvite) {
    const { id, token } = email
      ? await createInvitation(client, { email, role }, { signal })
      : await createInvitationLink(client, { maxUses, role }, { signal });
    showLink(id, token, email);
  }

  async function resend({ id, email }: Invitation) {
    showLink(id, await resendInvitation(client, id, { signal }), email);
  }

  async function revoke(id: string) {
    await revokeInvitation(client, id, { signal });
    if (link.dataset.id === id) link.replaceChildren();
  }

  function showLink(id: string, token: string, email?: string | null) {
    const url = create("input", {
      readonly: true,
      value: linkFor(token),
      "aria-label": "Join link",
    });
    const copy = async () => {
      await navigator.clipboard.writeText(url.value);
      toast("The link is copied.");
    };
    link.dataset.id = id;
    link.replaceChildren(
      create(
        "p",
        { class: "hint" },
        `Send this link to ${email ?? "the people whom you invite"}. It is shown only once.`,
      ),
      url,
      // The browser may refuse the clipboard. The person then copies the selected link.
      createButton({ class: "outline" }, () => void copy().catch(() => url.select()), "Copy"),
    );
  }

  more.hidden = true;
  return {
    element: create(
      "section",
      { class: "card", "aria-labelledby": "invitations-title" },
      create("h2", { id: "invitations-title" }, "Invitations"),
      createAddressForm(invite, change),
      createLinkForm(invite, change),
      link,
      rows,
      none,
      more,
    ),
    /** Reads the first page again. */
    refresh: () => load(null),
  };
}
