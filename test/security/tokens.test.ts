import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";
import { claimsOf, encodePart, sign, unsigned } from "../support/tokens.ts";
import { whatIfCaller } from "../support/what-if.ts";
import { send, tokenOf } from "./requests.ts";

let ada: Member;
let outsider: Member;
let token: string;

beforeAll(async () => {
  [ada, outsider] = await Promise.all([
    createMember(await createTenant(), { role: "owner" }),
    createMember(await createTenant(), { role: "owner" }),
  ]);
  token = await tokenOf(ada);
});

describe("a forged token is refused", () => {
  const other = "another-secret-that-is-long-enough-for-the-algorithm";
  const [hour, past] = [Math.floor(Date.now() / 1000) + 3600, 1_700_000_000];

  test.each<[string, () => string]>([
    ["signed with another key", () => sign(claimsOf(token), other)],
    ["of the service role, signed with another key", () => sign({ role: "service_role" }, other)],
    ["without a signature", () => unsigned(claimsOf(token))],
    ["of the service role, without a signature", () => unsigned({ role: "service_role" })],
    ["whose signature was cut off", () => token.slice(0, token.lastIndexOf(".") + 1)],
    [
      "with another account's id and the old signature",
      () => {
        const [head, , signature] = token.split(".");
        const claims = { ...claimsOf(token), sub: outsider.account, exp: hour };
        return [head, encodePart(claims), signature].join(".");
      },
    ],
    ["that has expired", () => sign({ ...claimsOf(token), exp: past })],
  ])("%s", async (_name, forge) => {
    const title = randomUUID();
    const forged = forge();
    const read = await send(forged, "tenants?select=id");
    const written = await send(forged, "conversations", {
      method: "POST",
      body: JSON.stringify({ title }),
    });
    expect([read.status, written.status]).toEqual([401, 401]);
    expect(read.body).not.toMatch(/[0-9a-f]{8}-/);
    const { data } = await serviceClient().from("conversations").select().eq("title", title);
    expect(data).toEqual([]);
  });

  test("the same claims with a valid signature are accepted", async () => {
    const { status, body } = await send(sign(claimsOf(token)), "tenants?select=id");
    expect([status, JSON.parse(body)]).toEqual([200, [{ id: ada.tenant_id }]]);
  });
});

describe("a tenant or a role in a token has no effect", () => {
  const wishes = () => ({
    tenant_id: outsider.tenant_id,
    user_id: outsider.id,
    user_role: "owner",
    is_admin: true,
  });

  test("when a member writes it into their metadata", async () => {
    const ben = await createMember({ id: ada.tenant_id });
    const { error } = await ben.client.auth.updateUser({ data: wishes() });
    expect(error).toBeNull();
    await ben.client.auth.refreshSession();
    await expectOwnTenantOnly(ben, await tokenOf(ben));
  });

  test.each([
    ["top level", () => wishes()],
    ["app_metadata", () => ({ app_metadata: wishes() })],
    ["user_metadata", () => ({ user_metadata: wishes() })],
  ])("when it is signed, in %s", async (_place, claims) => {
    const ben = await createMember({ id: ada.tenant_id });
    await expectOwnTenantOnly(ben, sign({ ...claimsOf(await tokenOf(ben)), ...claims() }));
  });

  test("in contrast to the role of the membership", async () => {
    expect(await tenantsTakenOver(token)).toEqual([ada.tenant_id]);
    expect(await tenantsTakenOverByStatement(token)).toEqual([ada.tenant_id]);
  });

  /** Checks that the token reads only the member's tenant, and can update no tenant. */
  async function expectOwnTenantOnly(member: Member, presented: string) {
    const read = await send(presented, "tenants?select=id");
    expect(JSON.parse(read.body)).toEqual([{ id: member.tenant_id }]);
    expect(await tenantsTakenOver(presented)).toEqual([]);
    expect(await tenantsTakenOverByStatement(presented)).toEqual([]);
  }

  /** Updates both tenants through the API, and returns the ids of those that changed. */
  async function tenantsTakenOver(presented: string): Promise<string[]> {
    const both = `in.(${ada.tenant_id},${outsider.tenant_id})`;
    const { body } = await send(presented, `tenants?select=id&id=${both}`, {
      method: "PATCH",
      body: JSON.stringify({ name: "Taken over" }),
      headers: { prefer: "return=representation" },
    });
    return JSON.parse(body).map(({ id }: { id: string }) => id);
  }

  /** Same, by a statement without a filter, to which no policy for select applies. */
  async function tenantsTakenOverByStatement(presented: string): Promise<string[]> {
    const name = randomUUID();
    const changed = await whatIfCaller(
      claimsOf(presented),
      (sql) => sql`update public.tenants set name = ${name}`,
      (sql) => sql`select id from public.tenants where name = ${name}`,
    );
    return changed.map(({ id }) => id);
  }
});

describe("a token that has not expired gives no access", () => {
  /** Returns how many rows a token reads in three tables, and the statuses of its two writes. */
  async function use(presented: string) {
    const read = ["tenants", "ai_conversations", "embeddings?user_id=not.is.null"];
    const shown = await Promise.all(read.map((path) => send(presented, path)));
    const write = ["conversations", "ai_conversations"].map((path) =>
      send(presented, path, { method: "POST", body: JSON.stringify({ title: "Late" }) }),
    );
    return {
      shown: shown.map(({ body }) => JSON.parse(body).length),
      written: (await Promise.all(write)).map(({ status }) => status),
    };
  }

  /** Creates a member with a conversation, a chat and a document. Also returns the token. */
  async function busyMember(): Promise<Member & { token: string }> {
    const member = await createMember({ id: ada.tenant_id });
    await createRow("conversations", member);
    await createRow("ai_conversations", member);
    await createRow("embeddings", member);
    return { ...member, token: await tokenOf(member) };
  }

  test("when its account is deleted", async () => {
    const leaver = await busyMember();
    expect(await use(leaver.token)).toEqual({ shown: [1, 1, 1], written: [201, 201] });
    await asOwner()`delete from auth.users where id = ${leaver.account}`;
    expect(await use(leaver.token)).toEqual({ shown: [0, 0, 0], written: [403, 409] });
  });

  test("to the platform, when its membership is deleted", async () => {
    const leaver = await busyMember();
    must(await serviceClient().from("users").delete().eq("id", leaver.id).select());
    expect(await use(leaver.token)).toEqual({ shown: [0, 1, 1], written: [403, 201] });
  });

  test("when its account id does not exist, or is missing", async () => {
    const { sub: _, ...claims } = claimsOf(token);
    for (const presented of [sign({ ...claims, sub: randomUUID() }), sign(claims)]) {
      const { shown, written } = await use(presented);
      expect(shown).toEqual([0, 0, 0]);
      expect(written.every((status) => status === 403 || status === 409)).toBe(true);
    }
  });
});
