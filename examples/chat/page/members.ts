/** The members of the tenant. Shows only the controls that the caller may use. */
import {
  activateMember,
  deactivateMember,
  leaveTenant,
  listMembers,
  type Membership,
  removeMember,
  setMemberRole,
  transferOwnership,
  type UserRole,
  userRoles,
} from "supabase-ai-schema";
import { ask } from "./dialog.ts";
import { create, createAvatar, createButton, replaceRows } from "./dom.ts";
import { onlyLatest } from "./latest.ts";
import { isAdmin, nameOf, type Session } from "./session.ts";
import type { Change } from "./team.ts";

interface Handlers {
  change: Change;
  /** Called when the caller's own membership has changed. */
  onReload: () => void;
}

export function createMembers(session: Session, { change, onReload }: Handlers) {
  const { client, signal, tenant } = session;
  const latest = onlyLatest(signal);
  const rows = create("ul", { class: "entries", "aria-label": "Members", tabindex: -1 });

  async function refresh() {
    const members = await latest((signal) => listMembers(client, { signal }));
    const me = members.find(({ id }) => id === session.userId);
    if (me?.role !== session.role) return onReload();
    replaceRows(rows, members.map(createMember));
  }

  function createMember(member: Membership) {
    const controls = member.id === session.userId ? [createLeave(member)] : createControls(member);
    return create(
      "li",
      { class: "entry", "aria-label": nameOf(member) },
      createAvatar(nameOf(member)),
      create(
        "div",
        { class: "who" },
        create("span", { class: "title" }, nameOf(member)),
        create("span", { class: "hint" }, describe(member)),
      ),
      create("div", { class: "controls" }, ...controls),
    );
  }

  function describe({ id, email, name, role, is_active, auth_id }: Membership) {
    const you = id === session.userId ? "you" : "";
    const state = !is_active ? "deactivated" : auth_id ? "" : "not signed up yet";
    return [role, you, state, name ? email : ""].filter(Boolean).join(" · ");
  }

  /** Admins manage everybody except owners. Owners manage everybody. */
  function createControls(member: Membership) {
    const isOwner = session.role === "owner";
    if (!isAdmin(session) || (member.role === "owner" && !isOwner)) return [];
    const canOwn = isOwner && member.is_active && member.auth_id !== null;
    return [
      createRole(member, isOwner),
      createActivation(member),
      ...(canOwn ? [createTransfer(member)] : []),
      createRemoval(member),
    ];
  }

  function createRole(member: Membership, isOwner: boolean) {
    const roles = userRoles.filter((role) => isOwner || role !== "owner");
    const select = create(
      "select",
      { "aria-label": `Role of ${nameOf(member)}`, "data-key": `role ${member.id}` },
      ...roles.map((role) => create("option", { selected: role === member.role }, role)),
    );
    select.addEventListener("change", () => {
      const role = select.value as UserRole;
      void change(() => setMemberRole(client, member.id, role, { signal }));
    });
    return select;
  }

  function createActivation(member: Membership) {
    const { id, is_active } = member;
    const [label, set] = is_active
      ? (["Deactivate", deactivateMember] as const)
      : (["Activate", activateMember] as const);
    return createButton(
      { class: "quiet", "aria-label": `${label}: ${nameOf(member)}`, "data-key": `active ${id}` },
      () => void change(() => set(client, id, { signal })),
      label,
    );
  }

  function createTransfer(member: Membership) {
    const words = `${nameOf(member)} becomes an owner, and you become an admin.`;
    return createSerious("Transfer ownership", words, member, () =>
      transferOwnership(client, member.id, { signal }),
    );
  }

  function createRemoval(member: Membership) {
    const words = `${nameOf(member)} no longer sees ${tenant.name}. Their conversations stay.`;
    return createSerious("Remove", words, member, () =>
      removeMember(client, member.id, { signal }),
    );
  }

  function createLeave(me: Membership) {
    const words = `You no longer see ${tenant.name}. To come back, you need an invitation.`;
    return createSerious("Leave", words, me, () => leaveTenant(client, { signal }));
  }

  /** Creates a button for a change that needs a confirmation. */
  function createSerious(
    label: string,
    words: string,
    member: Membership,
    work: () => Promise<void>,
  ) {
    const confirm = async () => {
      if (await ask(`${label}?`, label, create("p", {}, words))) await change(work);
    };
    return createButton(
      {
        class: "quiet",
        "aria-label": `${label}: ${nameOf(member)}`,
        "data-key": `${label} ${member.id}`,
      },
      () => void confirm(),
      label,
    );
  }

  return {
    element: create(
      "section",
      { class: "card", "aria-labelledby": "members-title" },
      create("h2", { id: "members-title" }, "Members"),
      rows,
    ),
    refresh,
  };
}
