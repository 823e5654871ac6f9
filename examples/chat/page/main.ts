/** Shows the sign-in page, an invitation, or the chat of the signed-in person. */
import { acceptInvitation, createTenant, declineInvitation } from "supabase-ai-schema";
import { create } from "./dom.ts";
import type { Trace } from "./isolation.ts";
import { createJoinPage } from "./join.ts";
import { demoCredentials } from "./people.ts";
import { getToken, setPlace } from "./place.ts";
import {
  accountClient,
  type Credentials,
  findSignedIn,
  loadSession,
  signIn,
  signOut,
  signUp,
  switchTenant,
} from "./session.ts";
import { createSignIn } from "./sign-in.ts";
import { createLobby } from "./tenant-switcher.ts";
import { attempt, clearToasts } from "./toast.ts";
import { createWorkspace } from "./workspace.ts";

const app = document.querySelector("#app") as HTMLElement;
let current = new AbortController();
/** Settles when the last change of account or tenant is done. The next one waits for it. */
let lastChange: Promise<unknown> = Promise.resolve();

/** Removes the content of the page and aborts its requests. Returns the signal of the next page. */
function clear(): AbortSignal {
  current.abort();
  current = new AbortController();
  document.documentElement.style.removeProperty("--brand");
  document.title = "Chat";
  app.replaceChildren(create("p", { class: "waiting", role: "status" }, "One moment …"));
  return current.signal;
}

/** Clears the page, changes the account or the tenant, and shows the page that follows. */
function go(change: () => Promise<unknown>, trace?: Trace): void {
  clearToasts();
  const signal = clear();
  const done = lastChange.then(change);
  lastChange = done.catch(() => {});
  void attempt(() => done.finally(() => show(signal, trace)));
}

/** Shows the page that fits the URL, the signed-in account and its tenant. */
async function show(signal: AbortSignal, trace?: Trace) {
  try {
    const page = await createPage(signal, trace);
    signal.throwIfAborted();
    app.replaceChildren(page);
  } catch (error) {
    // A later page has replaced this one unless the signal is intact.
    if (!signal.aborted) app.replaceChildren(createSignInPage());
    throw error;
  }
}

async function createPage(signal: AbortSignal, trace?: Trace): Promise<HTMLElement> {
  const account = await findSignedIn();
  if (!account) return createSignInPage();
  const token = getToken();
  if (token) return createJoinPage(account, token, signal, joinHandlers);
  const session = await loadSession(account, signal);
  if (!session) return createLobby(account.email, { onCreate, onSignOut });
  const { primary_color: color } = session.tenant.branding;
  if (color) document.documentElement.style.setProperty("--brand", color);
  document.title = `${session.tenant.name} chat`;
  return createWorkspace(session, {
    trace,
    onSignIn: (person, left) => enter(demoCredentials(person), left),
    onChoose: (tenantId, left) => go(() => moveTo(tenantId), left),
    onCreate,
    onReload: reload,
    onSignOut,
  });
}

const createSignInPage = () => createSignIn({ onSignIn: enter, onSignUp: register });

function enter(credentials: Credentials, trace?: Trace) {
  forgetPlace();
  go(() => signIn(credentials), trace);
}

const register = (credentials: Credentials) => go(() => signUp(credentials));

function onSignOut() {
  forgetPlace();
  go(signOut);
}

const onCreate = (name: string) =>
  go(async () => moveTo((await createTenant(accountClient, { name })).id));

/** Shows the page again, with its toasts. Call it when the caller's membership has changed. */
function reload() {
  const signal = clear();
  void attempt(() => lastChange.then(() => show(signal)));
}

async function moveTo(tenantId: string) {
  setPlace("");
  await switchTenant(tenantId);
}

/** Removes the conversation from the URL. The token of an invitation stays until it is answered. */
function forgetPlace() {
  if (!getToken()) setPlace("");
}

const joinHandlers = {
  onAccept: (token: string) =>
    go(async () => moveTo((await acceptInvitation(accountClient, token)).tenant_id)),
  onDecline: (token: string) =>
    go(async () => {
      await declineInvitation(accountClient, token);
      setPlace("");
    }),
  onOtherAccount: onSignOut,
  onSkip: () => go(async () => setPlace("")),
};

// A link that is opened in this tab changes only the fragment, which loads no page.
addEventListener("hashchange", () => {
  if (getToken()) reload();
});

reload();
