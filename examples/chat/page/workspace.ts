/** The page of a signed-in person: the list, the open conversation, and the side panels. */
import { createConversation } from "./conversation.ts";
import { createConversationList } from "./conversation-list.ts";
import { create, createAvatar, createButton } from "./dom.ts";
import { createIsolationPanel, type Trace } from "./isolation.ts";
import { membersOf, type Person, people, tenants } from "./people.ts";
import type { Session } from "./session.ts";
import { attempt } from "./toast.ts";
import { createUsagePanel } from "./usage.ts";

interface Exits {
  /** What the previous person had on the screen. */
  trace: Trace | undefined;
  onSwitch: (next: Person, left: Trace) => void;
  onSignOut: () => void;
}

export function createWorkspace(session: Session, exits: Exits): HTMLElement {
  const usage = createUsagePanel(session);
  const list = createConversationList(session, {
    onOpen: (id) => void attempt(() => conversation.open(id)),
    onNew: () => conversation.startNew(),
  });
  const conversation = createConversation(session, {
    onShow(id) {
      // Keeps the open conversation across a reload.
      history.replaceState(null, "", id ? `#${id}` : location.pathname);
      list.mark(id);
    },
    onChange: () => void attempt(list.refresh),
    onUsage: () => void attempt(usage.refresh),
  });
  const leaveFor = (next: Person) =>
    exits.onSwitch(next, { person: session.person, ...conversation.shown() });

  const id = location.hash.slice(1);
  if (id) void attempt(() => conversation.open(id));
  else conversation.startNew();
  void attempt(list.refresh);
  void attempt(usage.refresh);

  return create(
    "div",
    { class: "workspace" },
    create(
      "nav",
      { class: "sidebar", "aria-label": "Conversations" },
      createTenantHeading(session),
      list.element,
      createAccount(session, leaveFor, exits.onSignOut),
    ),
    conversation.element,
    create(
      "aside",
      { class: "panels", "aria-label": "Usage and isolation" },
      usage.element,
      createIsolationPanel(session, exits.trace, leaveFor),
    ),
  );
}

function createTenantHeading({ tenant }: Session) {
  return create(
    "header",
    { class: "tenant-heading" },
    create("span", { class: "logo", "aria-hidden": "true" }, tenant.name.charAt(0)),
    create("span", { class: "tenant-name" }, tenant.name),
    create("span", { class: "hint" }, tenant.llm_model),
  );
}

function createAccount(
  { person }: Session,
  onSwitch: (next: Person) => void,
  onSignOut: () => void,
) {
  const select = create(
    "select",
    { "aria-label": "Signed in as" },
    ...tenants.map((tenant) =>
      create(
        "optgroup",
        { label: tenant },
        ...membersOf(tenant).map((each) => option(each, person)),
      ),
    ),
  );
  select.addEventListener("change", () => {
    const next = people.find(({ email }) => email === select.value);
    if (next) onSwitch(next);
  });
  return create(
    "footer",
    { class: "account" },
    createAvatar(person.name),
    select,
    createButton({ class: "quiet" }, onSignOut, "Sign out"),
  );
}

function option({ name, role, email }: Person, selected: Person) {
  return create(
    "option",
    { value: email, selected: email === selected.email },
    `${name} (${role})`,
  );
}
