import { create, createAvatar, createButton, createField } from "./dom.ts";
import { demoCredentials, membersOf, type Person, tenants } from "./people.ts";
import { getToken } from "./place.ts";
import type { Credentials } from "./session.ts";

interface Handlers {
  onSignIn: (credentials: Credentials) => void;
  onSignUp: (credentials: Credentials) => void;
}

/** Creates the sign-in page: one button per demo person, and a form for every other account. */
export function createSignIn({ onSignIn, onSignUp }: Handlers): HTMLElement {
  const cards = tenants.map((tenant) =>
    create(
      "section",
      { class: "card tenant", "data-tenant": tenant, "aria-labelledby": `tenant-${tenant}` },
      create("h2", { id: `tenant-${tenant}` }, tenant),
      create(
        "ul",
        {},
        ...membersOf(tenant).map((person) =>
          createChoice(person, () => onSignIn(demoCredentials(person))),
        ),
      ),
    ),
  );
  const demo = create("div", { class: "tenants" }, ...cards);
  const form = createAccountForm({ onSignIn, onSignUp });
  const isInvited = getToken() !== undefined;
  const lead = isInvited
    ? "You have opened the link of an invitation. Sign in to see it."
    : "Choose a person. Everything they see comes directly from the database, " +
      "where row level security decides what they can read.";
  return create(
    "main",
    { class: "sign-in" },
    create("p", { class: "eyebrow" }, "supabase-ai-schema"),
    create("h1", {}, "One database, three customers"),
    create("p", { class: "lead" }, lead),
    ...(isInvited ? [form, demo] : [demo, form]),
  );
}

function createChoice({ name, role, tenant }: Person, onChoose: () => void) {
  const choice = createButton(
    { class: "person", "aria-label": `Sign in as ${name}, ${role} of ${tenant}` },
    onChoose,
    createAvatar(name),
    create("span", { class: "name" }, name),
    create("span", { class: "role" }, role),
  );
  return create("li", {}, choice);
}

function createAccountForm({ onSignIn, onSignUp }: Handlers) {
  const email = createField(
    "Email",
    create("input", { type: "email", required: true, autocomplete: "username" }),
  );
  const password = create("input", {
    type: "password",
    required: true,
    minlength: 6,
    autocomplete: "current-password",
  });
  const heading = create("h2", { id: "account-title" }, "Another account");
  const form = create(
    "form",
    { class: "card account-form fields", "aria-labelledby": heading.id },
    heading,
    email.element,
    createField("Password", password).element,
    create("button", { type: "submit", class: "primary" }, "Sign in"),
    create("button", { type: "submit", class: "outline", value: "sign-up" }, "Create account"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isNew = event.submitter?.getAttribute("value") === "sign-up";
    (isNew ? onSignUp : onSignIn)({ email: email.value(), password: password.value });
  });
  return form;
}
