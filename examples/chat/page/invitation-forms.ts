import { type InvitationRole, invitationRoles } from "supabase-ai-schema";
import { create, createField } from "./dom.ts";
import type { Change } from "./team.ts";

/** An invitation for one address, or a link for several people. */
export interface NewInvite {
  email?: string;
  role: InvitationRole;
  maxUses?: number;
}

type Invite = (values: NewInvite) => Promise<void>;

export function createAddressForm(invite: Invite, change: Change) {
  const email = createField("Email", create("input", { type: "email", required: true }));
  const role = createRoleField();
  const send = () => invite({ email: email.value(), role: role.value() as InvitationRole });
  return createForm("Invite by email", "Invite", [email, role], send, change);
}

export function createLinkForm(invite: Invite, change: Change) {
  const uses = createField(
    "People who can use the link",
    create("input", { type: "number", required: true, min: 1, max: 1000, value: 1 }),
  );
  const role = createRoleField();
  const send = () =>
    invite({ role: role.value() as InvitationRole, maxUses: Number(uses.value()) });
  return createForm("Invite by link", "Create link", [uses, role], send, change);
}

function createRoleField() {
  const options = invitationRoles.map((role) =>
    create("option", { selected: role === "user" }, role),
  );
  return createField("Role", create("select", {}, ...options));
}

function createForm(
  label: string,
  submit: string,
  fields: { element: HTMLElement }[],
  send: () => Promise<void>,
  change: Change,
) {
  const form = create(
    "form",
    { class: "fields", "aria-label": label },
    ...fields.map(({ element }) => element),
    create("button", { type: "submit", class: "outline" }, submit),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void change(async () => {
      await send();
      form.reset();
    });
  });
  return form;
}
