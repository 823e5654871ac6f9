import type { Caller } from "../../scripts/contract/callers.ts";
import { tenantClient } from "../../src/index.ts";
import { createLogin, createMember, createTenant, type Member } from "./actors.ts";
import { anonClient, type Client, serviceClient } from "./clients.ts";
import { createRow, must } from "./rows.ts";

/** One client per caller of the contract, and the member whose rows the caller requests. */
export interface Cast {
  clients: Record<Caller, Client>;
  /** Returns the member whose rows the caller requests. */
  subjectOf: (caller: Caller) => Member;
}

export async function createCast(): Promise<Cast> {
  const [acme, globex, closed] = await Promise.all([
    createTenant(),
    createTenant(),
    createTenant(),
  ]);
  const [member, colleague, admin, owner, outsider, deactivated, suspended, stranger] =
    await Promise.all([
      createMember(acme),
      createMember(acme),
      createMember(acme, { role: "admin" }),
      createMember(acme, { role: "owner" }),
      createMember(globex, { role: "owner" }),
      createMember(acme, { role: "owner" }),
      createMember(closed, { role: "owner" }),
      createLogin(),
    ]);
  const elsewhere = await createMember(acme, { role: "owner" });
  await createRow("users", { tenant_id: globex.id }, { email: elsewhere.email, role: "owner" });
  const service = serviceClient();
  must(await service.from("users").update({ is_active: false }).eq("id", deactivated.id).select());
  must(await service.from("tenants").update({ is_active: false }).eq("id", closed.id).select());
  return {
    clients: {
      anon: anonClient(),
      stranger: stranger.client,
      member: member.client,
      colleague: colleague.client,
      admin: admin.client,
      owner: owner.client,
      deactivated: deactivated.client,
      suspended: suspended.client,
      outsider: outsider.client,
      elsewhere: tenantClient(elsewhere.client, globex.id),
      service,
    },
    subjectOf(caller) {
      if (caller === "deactivated") return deactivated;
      return caller === "suspended" ? suspended : member;
    },
  };
}
