/**
 * Shows that tenants are isolated. After a switch to another person, the panel requests the
 * conversation that the previous person had on the screen.
 */
import { getConversation } from "supabase-ai-schema";
import { create, createButton, createIcon } from "./dom.ts";
import { count } from "./format.ts";
import { type Person, strangerTo } from "./people.ts";
import type { Session } from "./session.ts";
import { attempt } from "./toast.ts";

/** What the previous person had on the screen. */
export interface Trace {
  person: Person;
  conversationId: string | null;
  messages: number;
}

type Verdict = { kind: "closed" | "shared" | "leak"; words: string };

export function createIsolationPanel(
  session: Session,
  trace: Trace | undefined,
  onSwitch: (next: Person) => void,
): HTMLElement {
  const stranger = strangerTo(session.person.tenant);
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
  const { kind, words } = verdictOn(session, trace.person, found?.messages.length);
  return [
    create("p", { class: "hint" }, "Conversation ", create("code", {}, id)),
    createFinding("seen", trace.person, seen),
    createFinding(kind, session.person, words),
  ];
}

/** @param messages undefined when the database returned no such conversation */
function verdictOn({ person }: Session, before: Person, messages: number | undefined): Verdict {
  if (messages === undefined) {
    const words = `requested it: getConversation returned null (0 rows). For ${person.name} it does not exist.`;
    return { kind: "closed", words };
  }
  const got = `requested it: getConversation returned ${count(messages, "message")}.`;
  if (person.tenant === before.tenant) {
    return { kind: "shared", words: `${got} Colleagues can read each other's conversations.` };
  }
  return { kind: "leak", words: `${got} That is a leak!` };
}

function createFinding(kind: Verdict["kind"] | "seen", { name, tenant }: Person, words: string) {
  return create(
    "p",
    { class: `finding ${kind}`, role: kind === "leak" ? "alert" : undefined },
    create("strong", {}, `${name} of ${tenant}`),
    ` ${words}`,
  );
}
