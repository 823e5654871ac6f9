/** The tenant at the top of the sidebar, with the choice of another one. */
import { ask } from "./dialog.ts";
import { create, createButton, createField, createIcon } from "./dom.ts";
import type { Session } from "./session.ts";

interface Handlers {
  onChoose: (tenantId: string) => void;
  /** Called with the name of a new tenant. */
  onCreate: (name: string) => void;
}

export function createTenantSwitcher(
  { tenant, tenants }: Session,
  { onChoose, onCreate }: Handlers,
): HTMLElement {
  const select = create(
    "select",
    { "aria-label": "Organisation" },
    ...tenants.map(({ id, name, role }) =>
      create("option", { value: id, selected: id === tenant.id }, `${name} (${role})`),
    ),
  );
  select.addEventListener("change", () => onChoose(select.value));

  async function createInDialog() {
    const name = createNameField();
    if (await ask("New organisation", "Create", name.element)) onCreate(name.value());
  }

  return create(
    "header",
    { class: "tenant-heading" },
    create("span", { class: "logo", "aria-hidden": "true" }, tenant.name.charAt(0)),
    create("div", { class: "names" }, select, create("span", { class: "hint" }, tenant.llm_model)),
    createButton(
      { class: "quiet", "aria-label": "New organisation", title: "New organisation" },
      () => void createInDialog(),
      createIcon("plus"),
    ),
  );
}

/** Creates the page of an account that is in no tenant. */
export function createLobby(
  email: string,
  { onCreate, onSignOut }: Pick<Handlers, "onCreate"> & { onSignOut: () => void },
): HTMLElement {
  const name = createNameField();
  const form = create(
    "form",
    { class: "fields" },
    name.element,
    create("button", { type: "submit", class: "primary" }, "Create"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    onCreate(name.value());
  });
  return create(
    "main",
    { class: "notice card" },
    create("h1", {}, "You are in no organisation"),
    create(
      "p",
      {},
      `${email} is a member of no organisation. Open the link of an invitation, or create one.`,
    ),
    form,
    create("div", { class: "buttons" }, createButton({ class: "quiet" }, onSignOut, "Sign out")),
  );
}

const createNameField = () =>
  createField("Name of the organisation", create("input", { required: true, maxlength: 200 }));
