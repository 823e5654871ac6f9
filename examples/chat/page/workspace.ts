/** The page of a signed-in person: the list, the open conversation, panels, and the members. */
import { createConversation } from "./conversation.ts";
import { createConversationList } from "./conversation-list.ts";
import { create, createAvatar, createButton, createIcon } from "./dom.ts";
import { createIsolationPanel, type Trace } from "./isolation.ts";
import { membersOf, type Person, people, tenants } from "./people.ts";
import { getPlace, MEMBERS, setPlace } from "./place.ts";
import type { Session } from "./session.ts";
import { createTeam } from "./team.ts";
import { createTenantSwitcher } from "./tenant-switcher.ts";
import { attempt } from "./toast.ts";
import { createUsagePanel } from "./usage.ts";

interface Exits {
  /** What was on the screen before a switch to this person or tenant. */
  trace: Trace | undefined;
  onSignIn: (next: Person, left: Trace) => void;
  onChoose: (tenantId: string, left: Trace) => void;
  onCreate: (name: string) => void;
  /** Called when the caller's own membership has changed. */
  onReload: () => void;
  onSignOut: () => void;
}

export function createWorkspace(session: Session, exits: Exits): HTMLElement {
  const usage = createUsagePanel(session);
  const list = createConversationList(session, {
    onOpen(id) {
      show("chat");
      void attempt(() => conversation.open(id));
    },
    onNew() {
      show("chat");
      conversation.startNew();
    },
  });
  const conversation = createConversation(session, {
    onShow(id) {
      keepPlace();
      list.mark(id);
    },
    onChange: () => void attempt(list.refresh),
    onUsage: () => void attempt(usage.refresh),
  });
  const team = createTeam(session, { onReload: exits.onReload });
  const { name, tenant } = session;
  const trace = () => ({ name, tenant, ...conversation.shown() });
  const leaveFor = (next: Person) => exits.onSignIn(next, trace());

  const panels = create(
    "aside",
    { class: "panels", "aria-label": "Usage and isolation" },
    usage.element,
    createIsolationPanel(session, exits.trace, leaveFor),
  );
  const chatTab = createTab("Chat", "chat", () => visit("chat"));
  const teamTab = createTab("Members", "people", () => visit("members"));
  const workspace = create(
    "div",
    { class: "workspace" },
    create(
      "div",
      { class: "sidebar" },
      createTenantSwitcher(session, {
        onChoose: (tenantId) => exits.onChoose(tenantId, trace()),
        onCreate: exits.onCreate,
      }),
      create("nav", { class: "tabs", "aria-label": "Pages" }, chatTab, teamTab),
      create("nav", { class: "list-area", "aria-label": "Conversations" }, list.element),
      createAccount(session, leaveFor, exits.onSignOut),
    ),
    conversation.element,
    panels,
    team.element,
  );

  function show(page: "chat" | "members") {
    const isTeam = page === "members";
    team.element.hidden = !isTeam;
    conversation.element.hidden = isTeam;
    panels.hidden = isTeam;
    workspace.classList.toggle("with-team", isTeam);
    mark(teamTab, isTeam);
    mark(chatTab, !isTeam);
    if (isTeam) void attempt(team.refresh);
  }

  function visit(page: "chat" | "members") {
    show(page);
    keepPlace();
  }

  /** Keeps the members page or the open conversation across a reload. */
  function keepPlace() {
    setPlace(team.element.hidden ? (conversation.shown().conversationId ?? "") : MEMBERS);
  }

  const place = getPlace();
  show(place === MEMBERS ? "members" : "chat");
  if (place && place !== MEMBERS) void attempt(() => conversation.open(place));
  else conversation.startNew();
  void attempt(list.refresh);
  void attempt(usage.refresh);
  return workspace;
}

function createTab(label: string, icon: string, onClick: () => void) {
  return createButton({ class: "quiet" }, onClick, createIcon(icon), label);
}

function mark(tab: HTMLElement, isCurrent: boolean) {
  if (isCurrent) tab.setAttribute("aria-current", "page");
  else tab.removeAttribute("aria-current");
}

function createAccount(
  { account }: Session,
  onSwitch: (next: Person) => void,
  onSignOut: () => void,
) {
  const isDemo = people.some(({ email }) => email === account.email);
  const select = create(
    "select",
    { "aria-label": "Signed in as" },
    ...(isDemo ? [] : [create("option", { selected: true }, account.email)]),
    ...tenants.map((tenant) =>
      create(
        "optgroup",
        { label: tenant },
        ...membersOf(tenant).map((each) => option(each, account.email)),
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
    createAvatar(account.email),
    select,
    createButton({ class: "quiet" }, onSignOut, "Sign out"),
  );
}

function option({ name, email }: Person, selected: string) {
  return create("option", { value: email, selected: email === selected }, name);
}
