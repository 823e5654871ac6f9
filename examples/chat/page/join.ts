/** The page of an invited person: the organisation, the role, and who invited. */
import { DatabaseError, type InvitationPreview, previewInvitation } from "supabase-ai-schema";
import { create, createButton } from "./dom.ts";
import { when } from "./format.ts";
import { type Account, accountClient } from "./session.ts";

interface Handlers {
  onAccept: (token: string) => void;
  onDecline: (token: string) => void;
  onOtherAccount: () => void;
  /** Called when the person goes on without the invitation. */
  onSkip: () => void;
}

export async function createJoinPage(
  account: Account,
  token: string,
  signal: AbortSignal,
  { onAccept, onDecline, onOtherAccount, onSkip }: Handlers,
): Promise<HTMLElement> {
  const other = createButton({ class: "quiet" }, onOtherAccount, "Switch account");
  const notice = (...content: HTMLElement[]) =>
    create(
      "main",
      { class: "notice card" },
      create("p", { class: "eyebrow" }, "Invitation"),
      ...content,
    );
  try {
    const invitation = await previewInvitation(accountClient, token, { signal });
    return notice(
      create("h1", {}, `Join ${invitation.tenant_name}?`),
      create("p", {}, wordsOf(invitation)),
      create("p", { class: "hint" }, `You are signed in as ${account.email}.`),
      create(
        "div",
        { class: "buttons" },
        other,
        createButton({ class: "outline" }, () => onDecline(token), "Decline"),
        createButton({ class: "primary" }, () => onAccept(token), "Accept"),
      ),
    );
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return notice(
      create("h1", {}, "You cannot accept this invitation"),
      create("p", { role: "alert" }, error.displayMessage),
      create("p", { class: "hint" }, `You are signed in as ${account.email}. ${error.hint ?? ""}`),
      create(
        "div",
        { class: "buttons" },
        other,
        createButton({ class: "primary" }, onSkip, "Continue"),
      ),
    );
  }
}

function wordsOf({ invited_by, role, email, expires_at }: InvitationPreview): string {
  const whom = email ? `you (${email})` : "everybody who has this link";
  const who = invited_by ?? "A former member";
  return `${who} has invited ${whom} as ${role}. The invitation expires ${when(expires_at)}.`;
}
