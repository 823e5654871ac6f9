import { create, createAvatar, createButton } from "./dom.ts";
import { membersOf, type Person, tenants } from "./people.ts";

/** Creates the sign-in page: one button per person, grouped by tenant. */
export function createSignIn(onChoose: (person: Person) => void): HTMLElement {
  const cards = tenants.map((tenant) =>
    create(
      "section",
      { class: "card tenant", "data-tenant": tenant, "aria-labelledby": `tenant-${tenant}` },
      create("h2", { id: `tenant-${tenant}` }, tenant),
      create("ul", {}, ...membersOf(tenant).map((person) => createChoice(person, onChoose))),
    ),
  );
  return create(
    "main",
    { class: "sign-in" },
    create("p", { class: "eyebrow" }, "supabase-ai-schema"),
    create("h1", {}, "One database, three customers"),
    create(
      "p",
      { class: "lead" },
      "Choose a person. Everything they see comes directly from the database, ",
      "where row level security decides what they can read.",
    ),
    create("div", { class: "tenants" }, ...cards),
  );
}

function createChoice(person: Person, onChoose: (person: Person) => void) {
  const { name, role, tenant } = person;
  const choice = createButton(
    { class: "person", "aria-label": `Sign in as ${name}, ${role} of ${tenant}` },
    () => onChoose(person),
    createAvatar(name),
    create("span", { class: "name" }, name),
    create("span", { class: "role" }, role),
  );
  return create("li", {}, choice);
}
