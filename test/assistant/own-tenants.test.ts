import { describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import {
  acceptInvitation,
  chooseTenant,
  createConversation,
  createInvitation,
  createTenant,
  deleteTenant,
  leaveTenant,
  listAuditLog,
  listConversations,
  listMembers,
  listMyTenants,
  setMemberRole,
  tenantClient,
  transferOwnership,
} from "../../src/index.ts";
import {
  createLogin,
  createMember,
  signUp,
  createTenant as tenantFixture,
} from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { must } from "../support/rows.ts";
import { whatIf } from "../support/what-if.ts";

const newSlug = () => uniqueName("test");

test("two people do the whole of onboarding with the publishable key alone", async () => {
  const [ada, ben] = [await signUp(), await signUp()];
  const slug = newSlug();
  const acme = await createTenant(ada.client, { name: "Acme", slug });
  expect(await listMyTenants(ada.client)).toMatchObject([{ id: acme.id, role: "owner" }]);
  const own = await createTenant(ben.client, { name: "Ben's", slug: newSlug() });

  const { token } = await createInvitation(ada.client, { email: ben.email });
  const membership = await acceptInvitation(ben.client, token);
  expect(await listMyTenants(ben.client)).toMatchObject([
    { id: own.id, is_current: true },
    { id: acme.id, is_current: false },
  ]);
  const inAcme = tenantClient(ben.client, acme.id);
  await createConversation(inAcme, { title: "Hello" });
  expect((await listConversations(ben.client)).conversations).toEqual([]);
  await chooseTenant(ben.client, acme.id);
  expect((await listConversations(ben.client)).conversations).toMatchObject([{ title: "Hello" }]);

  await setMemberRole(ada.client, membership.id, "admin");
  await transferOwnership(ada.client, membership.id);
  expect((await listMembers(ada.client)).map(({ role }) => role)).toEqual(["admin", "owner"]);
  await leaveTenant(ada.client);
  expect(await listMyTenants(ada.client)).toEqual([]);
  const { entries } = await listAuditLog(ben.client);
  expect(entries[0]).toMatchObject({ actor_id: ada.account, actor_role: "admin" });

  await deleteTenant(ben.client, slug);
  expect(await listMyTenants(ben.client)).toMatchObject([{ id: own.id, is_current: true }]);
});

describe("a new tenant", () => {
  test("has the caller as its owner, and moves nobody", async () => {
    const ben = await createMember(await tenantFixture());
    const slug = newSlug();
    const tenant = await createTenant(ben.client, { name: "Ben's", slug });
    expect(tenant).toMatchObject({ name: "Ben's", slug, is_active: true, seat_limit: null });
    const [first, second] = await listMyTenants(ben.client);
    expect([first?.id, first?.is_current]).toEqual([ben.tenant_id, true]);
    expect([second?.id, second?.role, second?.is_current]).toEqual([tenant.id, "owner", false]);
    const members = await listMembers(tenantClient(ben.client, tenant.id));
    expect(members).toMatchObject([{ auth_id: ben.account, email: ben.email, role: "owner" }]);
  });

  test("gets a slug from its name, with a suffix if another tenant has it", async () => {
    const { client } = await createLogin();
    const name = `Test ÄÖ & ${newSlug()}!`;
    const { slug } = await createTenant(client, { name });
    // Slugs that start with test- are test data, so a name does not make one.
    expect(slug).toBe(`tenant-test-${name.slice(10, -1)}`);
    expect((await createTenant(client, { name })).slug).toMatch(
      new RegExp(`^${slug}-[0-9a-f]{8}$`),
    );
    const long = await createTenant(client, { name: "long ".repeat(39) });
    expect(long.slug).toMatch(/^(long-){15}long(-[0-9a-f]{8})?$/);
    const [unnamed] = await asOwner()`select private.free_slug('漢字') ~ '^tenant(-|$)' as fits`;
    expect(unnamed?.fits).toBe(true);
  });

  test.each([
    [
      "a slug that another tenant has",
      "23505",
      async () => ({ slug: (await tenantFixture()).slug }),
    ],
    ["an invalid slug", "23514", async () => ({ slug: "Not_Kebab" })],
    ["a blank name", "23514", async () => ({ name: " " })],
    ["no name", "23502", async () => ({ name: null as never })],
  ])("cannot have %s, and nothing is stored", async (_name, code, values) => {
    const { client } = await createLogin();
    const wrong = { name: "Acme", slug: newSlug(), ...(await values()) };
    await expect(createTenant(client, wrong)).rejects.toMatchObject({ code });
    expect(await listMyTenants(client)).toEqual([]);
    await createTenant(client, { name: "Acme", slug: newSlug() });
  });

  test("needs a confirmed address", async () => {
    const { client, account } = await createLogin();
    const create = () => createTenant(client, { name: "Acme", slug: newSlug() });
    const set = async (confirmed: Date | null, sso: boolean) => {
      await asOwner()`
        update auth.users set email_confirmed_at = ${confirmed}, is_sso_user = ${sso}
        where id = ${account}`;
    };
    await set(null, false);
    await expect(create()).rejects.toMatchObject({ code: "42501" });
    // A provider of single sign-on could claim any address.
    await set(new Date(), true);
    await expect(create()).rejects.toMatchObject({ code: "42501" });
    await set(new Date(), false);
    await create();
  });

  test("is refused when the account owns too many", async () => {
    const { client, account } = await createLogin();
    const [settings] = await asOwner()<{ tenants_per_account: number }[]>`
      select tenants_per_account from private.platform_settings`;
    const most = settings?.tenants_per_account ?? 0;
    const create = () => createTenant(client, { name: "Acme", slug: newSlug() });
    for (let i = 0; i < most; i += 1) await create();
    await expect(create()).rejects.toMatchObject({
      code: "PT429",
      details: `An account owns at most ${most}.`,
    });
    await asOwner()`
      delete from tenants
      where id in (select tenant_id from users where auth_id = ${account} order by id limit 1)`;
    await create();
  });

  // In a transaction that is rolled back, because the settings are everybody's.
  test("can be left to the backend", async () => {
    const { account } = await createLogin();
    const create = (isOn: boolean) =>
      whatIf(async (sql) => {
        await sql`update private.platform_settings set self_service_tenants = ${isOn}`;
        await sql`select set_config('request.jwt.claim.sub', ${account}, true)`;
        await sql`select set_config('role', 'authenticated', true)`;
        return sql`select slug from public.create_tenant('Acme', ${newSlug()})`;
      });
    await expect(create(false)).rejects.toMatchObject({ code: "42501" });
    expect(await create(true)).toHaveLength(1);
  });
});

describe("deleting a tenant", () => {
  test("denies access at once, and the service role can undo it for 30 days", async () => {
    const tenant = await tenantFixture();
    const ada = await createMember(tenant, { role: "owner" });
    await createConversation(ada.client, { title: "Kept" });
    const deleteAfter = await deleteTenant(ada.client, tenant.slug);
    expect(Date.parse(deleteAfter) - Date.now()).toBeGreaterThan(29.9 * 86_400_000);
    expect(Date.parse(deleteAfter) - Date.now()).toBeLessThan(30.1 * 86_400_000);
    expect(await listMyTenants(ada.client)).toEqual([]);
    expect((await listConversations(ada.client)).conversations).toEqual([]);
    const undone = { is_active: true, delete_after: null };
    await serviceClient().from("tenants").update(undone).eq("id", tenant.id).throwOnError();
    expect((await listConversations(ada.client)).conversations).toMatchObject([{ title: "Kept" }]);
  });

  test("needs the slug of the tenant that the request is for", async () => {
    const [tenant, other] = [await tenantFixture(), await tenantFixture()];
    const ada = await createMember(tenant, { role: "owner" });
    for (const slug of [other.slug, "", null as never]) {
      await expect(deleteTenant(ada.client, slug)).rejects.toMatchObject({ code: "22023" });
    }
    const { is_active } = must(
      await serviceClient().from("tenants").select().eq("id", tenant.id).single(),
    );
    expect(is_active).toBe(true);
    await deleteTenant(ada.client, tenant.slug);
  });

  test("is for owners", async () => {
    const tenant = await tenantFixture();
    const admin = await createMember(tenant, { role: "admin" });
    await expect(deleteTenant(admin.client, tenant.slug)).rejects.toMatchObject({ code: "42501" });
    const owner = await createMember(tenant, { role: "owner" });
    await deleteTenant(owner.client, tenant.slug);
  });
});
