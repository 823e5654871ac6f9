/**
 * Shows that tenants are isolated. After a switch to another person or tenant, the panel requests
 * the conversation that was on the screen before.
 */
import { getConversation } from "supabase-ai-schema";
import { create, createButton, createIcon } from "./dom.ts";
import { count } from "./format.ts";
import { type Person, strangerTo } from "./people.ts";
import type { Session } from "./session.ts";
import { attempt } from "./toast.ts";

/** What was on the screen before the switch, and who saw it in which tenant. */
export interface Trace extends Pick<Session, "name" | "tenant"> {
  conversationId: string | null;
  messages: number;
}

type Verdict = { kind: "closed" | "shared" | "leak"; words: string };

export function createIsolationPanel(
  session: Session,
  trace: Trace | undefined,
  onSwitch: (next: Person) => void,
): HTMLElement {
  const stranger = strangerTo(session.tenant.name);
  const findings = create("div", { class: "findings", "aria-live": "polite" });
  if (trace?.conversationId) {
    const { conversationId } = trace;
    void attempt(async () => findings.append(...(await probe(session, trace, conversationId))));
  } else {
    findings.append(
      create(
        "p",
        { class: "hint" },
        `Open a conversation, then switch. As ${stranger.name}, the page asks the database for `,
        "the same conversation by its id.",
      ),
    );
  }
  return create(
    "section",
    { class: "card isolation", "aria-labelledby": "isolation-title" },
    create("h2", { id: "isolation-title" }, "Does anything leak?"),
    findings,
    createButton(
      { class: "outline wide" },
      () => onSwitch(stranger),
      createIcon("switch"),
      `Switch to ${stranger.name} of ${stranger.tenant}`,
    ),
  );
}

async function probe(session: Session, trace: Trace, id: string): Promise<HTMLElement[]> {
  const found = await getConversation(session.client, id, { signal: session.signal });
  session.signal.throwIfAborted();
  const seen = `saw ${count(trace.messages, "message")} in it.`;
  const { kind, words } = verdictOn(session, trace, found?.messages.length);
  return [
    create("p", { class: "hint" }, "Conversation ", create("code", {}, id)),
    createFinding("seen", trace, seen),
    createFinding(kind, session, words),
  ];
}

/** @param messages undefined when the database returned no such conversation */
function verdictOn({ tenant }: Session, before: Trace, messages: number | undefined): Verdict {
  if (messages === undefined) {
    const words = `requested it: getConversation returned null (0 rows). In ${tenant.name} it does not exist.`;
    return { kind: "closed", words };
  }
  const got = `requested it: getConversation returned ${count(messages, "message")}.`;
  if (tenant.id === before.tenant.id) {
    return { kind: "shared", words: `${got} Colleagues can read each other's conversations.` };
  }
  return { kind: "leak", words: `${got} That is a leak!` };
}

function createFinding(
  kind: Verdict["kind"] | "seen",
  { name, tenant }: Pick<Session, "name" | "tenant">,
  words: string,
) {
  return create(
    "p",
    { class: `finding ${kind}`, role: kind === "leak" ? "alert" : undefined },
    create("strong", {}, `${name} of ${tenant.name}`),
    ` ${words}`,
  );
}
