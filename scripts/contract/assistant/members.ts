import { type Cells, members } from "../callers.ts";
import type { FunctionContract } from "../table.ts";

/** The outcomes for the functions that take the id of a member. */
const byAdmins: Cells = [["admin", "owner"], "42501", { outsider: "P0002", elsewhere: "P0002" }];

export const set_member_role: FunctionContract<"set_member_role"> = {
  access: byAdmins,
  about: "p_user_id",
  call: async ({ row, stored }, owner) => {
    const { id } = await row("users", owner);
    return {
      args: { p_user_id: id, p_role: "admin" },
      isReached: async () => (await stored("users", { id, role: "admin" })).length === 1,
    };
  },
};

export const set_member_active: FunctionContract<"set_member_active"> = {
  access: byAdmins,
  about: "p_user_id",
  call: async ({ row, stored }, owner) => {
    const { id } = await row("users", owner);
    return {
      args: { p_user_id: id, p_is_active: false },
      isReached: async () => (await stored("users", { id, is_active: false })).length === 1,
    };
  },
};

export const remove_member: FunctionContract<"remove_member"> = {
  access: byAdmins,
  about: "p_user_id",
  call: async ({ row, stored }, owner) => {
    const { id } = await row("users", owner);
    return {
      args: { p_user_id: id },
      isReached: async () => (await stored("users", { id }))[0]?.left_at !== null,
    };
  },
};

export const leave_tenant: FunctionContract<"leave_tenant"> = {
  // The others leave their own tenant.
  access: [members, "42501", { outsider: "nothing", elsewhere: "nothing" }],
  usesUpCaller: true,
  call: async ({ stored }, { tenant_id }) => {
    const members = async () => (await stored("users", { tenant_id, is_active: true })).length;
    const before = await members();
    return { args: {} as never, isReached: async () => (await members()) === before - 1 };
  },
};

export const transfer_ownership: FunctionContract<"transfer_ownership"> = {
  access: [["owner"], "42501", { outsider: "P0002", elsewhere: "P0002" }],
  usesUpCaller: true,
  call: async ({ stored }, { id }) => {
    const isOwner = async () => (await stored("users", { id, role: "owner" })).length === 1;
    const wasOwner = await isOwner();
    return { args: { p_user_id: id }, isReached: async () => (await isOwner()) && !wasOwner };
  },
};
