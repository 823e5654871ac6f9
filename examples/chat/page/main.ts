/** Shows the sign-in page, or the chat of the signed-in person. */
import { create } from "./dom.ts";
import type { Trace } from "./isolation.ts";
import type { Person } from "./people.ts";
import { findSignedIn, loadSession, signIn, signOut } from "./session.ts";
import { createSignIn } from "./sign-in.ts";
import { attempt } from "./toast.ts";
import { createWorkspace } from "./workspace.ts";

const app = document.querySelector("#app") as HTMLElement;
let current = new AbortController();

/** Removes the previous person's content and aborts their requests. */
function clear() {
  current.abort();
  current = new AbortController();
  document.documentElement.style.removeProperty("--brand");
  document.querySelector("#toasts")?.replaceChildren();
  app.replaceChildren(create("p", { class: "waiting", role: "status" }, "One moment …"));
}

async function enter(person: Person, trace?: Trace) {
  clear();
  history.replaceState(null, "", location.pathname);
  await signIn(person);
  await show(person, trace);
}

async function show(person: Person, trace?: Trace) {
  const session = await loadSession(person, current.signal);
  const { primary_color: color } = session.tenant.branding;
  if (color) document.documentElement.style.setProperty("--brand", color);
  document.title = `${session.tenant.name} chat`;
  const workspace = createWorkspace(session, {
    trace,
    onSwitch: (next, left) => void attempt(() => enter(next, left).catch(startOver)),
    onSignOut: () => void attempt(() => signOut().finally(showSignIn)),
  });
  app.replaceChildren(workspace);
}

function showSignIn() {
  clear();
  history.replaceState(null, "", location.pathname);
  document.title = "Chat";
  app.replaceChildren(createSignIn((person) => void attempt(() => enter(person).catch(startOver))));
}

/** Shows the sign-in page, then rethrows the error, so that `attempt` shows it. */
function startOver(error: unknown): never {
  showSignIn();
  throw error;
}

await attempt(async () => {
  clear();
  const person = await findSignedIn();
  if (person) await show(person).catch(startOver);
  else showSignIn();
});
