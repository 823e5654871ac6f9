import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import type { ServiceInsert } from "../../src/index.ts";
import { createTenant, signUp } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { must } from "../support/rows.ts";

const newEmail = () => `${uniqueName("invited")}@test.example`;

async function invite(email: string, tenant: Partial<ServiceInsert<"tenants">> = {}) {
  const { id: tenant_id } = await createTenant(tenant);
  return must(await serviceClient().from("users").insert({ tenant_id, email }).select().single());
}

async function membership(id: string) {
  const columns = "auth_id, email, is_active";
  return must(await serviceClient().from("users").select(columns).eq("id", id).single());
}

const accountOf = async (id: string) => (await membership(id)).auth_id;

/** Creates an account as the auth service does, with a confirmed or an unconfirmed address. */
async function createAccount(email: string, confirmed: boolean, sso = false) {
  const [row] = await asOwner()<{ id: string }[]>`
    insert into auth.users (id, email, email_confirmed_at, is_sso_user)
    values (${randomUUID()}, ${email}, ${confirmed ? new Date() : null}, ${sso}) returning id`;
  return row?.id as string;
}

test("an invitation is linked when an account signs up with its email", async () => {
  const invitation = await invite(newEmail());
  expect(invitation.auth_id).toBeNull();
  const login = await signUp(invitation.email);
  expect(await accountOf(invitation.id)).toBe(login.account);
  const { data } = await login.client.from("tenants").select("id");
  expect(data).toEqual([{ id: invitation.tenant_id }]);
});

test("an account with another email gets no membership", async () => {
  const invitation = await invite(newEmail());
  const login = await signUp();
  expect(await accountOf(invitation.id)).toBeNull();
  expect((await login.client.from("tenants").select("id")).data).toEqual([]);
});

test("an account with an unconfirmed email is linked only once it is confirmed", async () => {
  const invitation = await invite(newEmail());
  const account = await createAccount(invitation.email, false);
  expect(await accountOf(invitation.id)).toBeNull();
  await asOwner()`update auth.users set email_confirmed_at = now() where id = ${account}`;
  expect(await accountOf(invitation.id)).toBe(account);
});

test("an account that changes its confirmed email to the invited one is linked", async () => {
  const account = await createAccount(newEmail(), true);
  const invitation = await invite(newEmail());
  await asOwner()`update auth.users set email = ${invitation.email} where id = ${account}`;
  expect(await accountOf(invitation.id)).toBe(account);
});

test("an invitation is linked to an existing account with its email", async () => {
  const login = await signUp();
  const invitation = await invite(login.email);
  expect(await accountOf(invitation.id)).toBe(login.account);
  expect((await login.client.from("tenants").select("id")).data).toHaveLength(1);
});

test("an invitation is not linked to an account with an unconfirmed email", async () => {
  const email = newEmail();
  await createAccount(email, false);
  expect(await accountOf((await invite(email)).id)).toBeNull();
});

test("a second invitation is linked, too, and the account keeps its first membership", async () => {
  const first = await invite(newEmail());
  const login = await signUp(first.email);
  const second = await invite(first.email);
  expect(await accountOf(first.id)).toBe(login.account);
  expect(await accountOf(second.id)).toBe(login.account);
});

test("an account has at most one membership in a tenant", async () => {
  const { id, tenant_id, account } = await linkedAccount();
  const [email, other] = [newEmail(), newEmail()];
  const users = () => serviceClient().from("users");
  const waiting = must(await users().insert({ tenant_id, email }).select().single());
  // The account confirms the address of a colleague's invitation, which stays unlinked.
  await asOwner()`update auth.users set email = ${email} where id = ${account}`;
  expect([await accountOf(id), await accountOf(waiting.id)]).toEqual([account, null]);
  const double = await users().insert({ tenant_id, email: other, auth_id: account });
  expect(double.error?.code).toBe("23505");
});

test("a newer invitation is linked to the account that now has its address", async () => {
  const taken = await invite(newEmail());
  const first = await createAccount(taken.email, true);
  // The older membership keeps the address, because a colleague has the account's new one.
  const { email } = must(
    await serviceClient()
      .from("users")
      .insert({ tenant_id: taken.tenant_id, email: newEmail() })
      .select()
      .single(),
  );
  await asOwner()`update auth.users set email = ${email} where id = ${first}`;
  const waiting = await invite(taken.email);
  const second = await createAccount(taken.email, true);
  expect(await membership(taken.id)).toMatchObject({ auth_id: first, email: taken.email });
  expect(await accountOf(waiting.id)).toBe(second);
});

test("a single sign-on account is not linked by the address that its provider claims", async () => {
  const email = newEmail();
  const before = await invite(email);
  await createAccount(email, true, true);
  expect(await accountOf(before.id)).toBeNull();
  const after = await invite(email);
  // Without the rule, the insert of the newer invitation would link both.
  expect([await accountOf(before.id), await accountOf(after.id)]).toEqual([null, null]);
});

test("an account is linked whatever the case of its address", async () => {
  const invitation = await invite(newEmail());
  const account = await createAccount(invitation.email.toUpperCase(), true);
  expect(await accountOf(invitation.id)).toBe(account);
});

test("an account whose address contains capitals is linked to a newer invitation", async () => {
  const email = newEmail();
  const account = await createAccount(email.toUpperCase(), true);
  await asOwner()`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data)
    values (${randomUUID()}, 'email', ${account}, ${account},
      ${asOwner().json({ email: email.toUpperCase() })})`;
  expect(await accountOf((await invite(email)).id)).toBe(account);
});

test("an identity's address does not link an account with another address", async () => {
  const email = newEmail();
  const account = await createAccount(newEmail(), true);
  await asOwner()`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data)
    values (${randomUUID()}, 'google', ${account}, ${account}, ${asOwner().json({ email })})`;
  expect(await accountOf((await invite(email)).id)).toBeNull();
});

test("all invitations of one insert are linked to existing accounts", async () => {
  const { id: tenant_id } = await createTenant();
  const logins = await Promise.all([signUp(), signUp()]);
  const rows = [
    ...logins.map(({ email }) => ({ tenant_id, email })),
    { tenant_id, email: newEmail() },
  ];
  const made = must(await serviceClient().from("users").insert(rows).select());
  expect(made.map(({ auth_id }) => auth_id)).toEqual([null, null, null]);
  expect(await Promise.all(made.map(({ id }) => accountOf(id)))).toEqual([
    ...logins.map(({ account }) => account),
    null,
  ]);
});

test("an invitation is linked when its address is changed to that of an account", async () => {
  const [invitation, login] = [await invite(newEmail()), await signUp()];
  must(
    await serviceClient()
      .from("users")
      .update({ email: login.email })
      .eq("id", invitation.id)
      .select(),
  );
  expect(await accountOf(invitation.id)).toBe(login.account);
});

test("an account invited by two tenants is linked in both", async () => {
  const email = newEmail();
  const [first, second] = [await invite(email), await invite(email)];
  const login = await signUp(email);
  expect(await accountOf(first.id)).toBe(login.account);
  expect(await accountOf(second.id)).toBe(login.account);
});

test("another account cannot take over a linked membership", async () => {
  const invitation = await invite(newEmail());
  const owner = await signUp(invitation.email);
  const other = await createAccount(newEmail(), true);
  const sql = asOwner();
  await sql`update auth.users set email = ${newEmail()} where id = ${owner.account}`;
  await sql`update auth.users set email = ${invitation.email} where id = ${other}`;
  expect(await accountOf(invitation.id)).toBe(owner.account);
});

async function linkedAccount() {
  const invitation = await invite(newEmail());
  return { ...invitation, account: await createAccount(invitation.email, true) };
}

describe("the address of a membership", () => {
  const changeEmail = (account: string, email: string) =>
    asOwner()`update auth.users set email = ${email} where id = ${account}`;
  const deleteAccount = (account: string) =>
    asOwner()`delete from auth.users where id = ${account}`;

  test("follows the address that its account confirms", async () => {
    const [{ id, account }, email] = [await linkedAccount(), newEmail()];
    await changeEmail(account, email.toUpperCase());
    expect(await membership(id)).toEqual({ auth_id: account, email, is_active: true });
  });

  test("is not written again when the account confirms it once more", async () => {
    const { id, account } = await linkedAccount();
    const lastChange = async () =>
      must(await serviceClient().from("users").select("updated_at").eq("id", id).single());
    const before = await lastChange();
    await asOwner()`update auth.users set email_confirmed_at = now() where id = ${account}`;
    expect(await lastChange()).toEqual(before);
    await changeEmail(account, newEmail());
    expect(await lastChange()).not.toEqual(before);
  });

  test("when abandoned, gives the membership to nobody after the account is deleted", async () => {
    const { id, account, email } = await linkedAccount();
    const current = newEmail();
    await changeEmail(account, current);
    await deleteAccount(account);
    await createAccount(email, true);
    expect(await membership(id)).toEqual({ auth_id: null, email: current, is_active: true });
    const returned = await createAccount(current, true);
    expect(await accountOf(id)).toBe(returned);
  });

  test("follows in each tenant by itself", async () => {
    const { id, account, email: old, tenant_id } = await linkedAccount();
    const elsewhere = await invite(old);
    const email = newEmail();
    await serviceClient().from("users").insert({ tenant_id, email }).throwOnError();
    await changeEmail(account, email);
    expect(await membership(id)).toMatchObject({ auth_id: account, email: old });
    expect(await membership(elsewhere.id)).toMatchObject({ auth_id: account, email });
  });

  test("stays when another membership of the tenant has the new one", async () => {
    const { id, tenant_id, account, email } = await linkedAccount();
    const taken = newEmail();
    await serviceClient().from("users").insert({ tenant_id, email: taken });
    await changeEmail(account, taken);
    expect(await membership(id)).toEqual({ auth_id: account, email, is_active: true });
    // Now whoever confirms the old address gets a deactivated membership.
    await deleteAccount(account);
    const other = await createAccount(email, true);
    expect(await membership(id)).toEqual({ auth_id: other, email, is_active: false });
  });

  test("stays when the account's new address cannot be one of a membership", async () => {
    const { id, account, email } = await linkedAccount();
    await changeEmail(account, `"${uniqueName("a b")}"@test.example`);
    expect(await membership(id)).toEqual({ auth_id: account, email, is_active: true });
  });
});

test("a soft-deleted account loses its membership, and is not linked again", async () => {
  const invitation = await invite(newEmail());
  const { account } = await signUp(invitation.email);
  // Writes what GoTrue writes.
  await asOwner()`
    update auth.users set email = 'aGFzaA', deleted_at = now() where id = ${account}`;
  const { email } = invitation;
  expect(await membership(invitation.id)).toEqual({ auth_id: null, email, is_active: true });
  await asOwner()`update auth.users set email = ${email} where id = ${account}`;
  expect(await accountOf(invitation.id)).toBeNull();
  const newer = await invite(email);
  // Both memberships wait for the address that the account has again.
  expect([await accountOf(invitation.id), await accountOf(newer.id)]).toEqual([null, null]);
});

test("a membership whose account was deleted is linked again on the next sign-up", async () => {
  const invitation = await invite(newEmail());
  const first = await signUp(invitation.email);
  await asOwner()`delete from auth.users where id = ${first.account}`;
  const second = await signUp(invitation.email);
  expect(await accountOf(invitation.id)).toBe(second.account);
});

test("a deactivated membership stays so when its account is deleted", async () => {
  const [off, on] = [await invite(newEmail()), await invite(newEmail())];
  for (const { email } of [off, on]) await createAccount(email, true);
  await serviceClient().from("users").update({ is_active: false }).eq("id", off.id).throwOnError();
  await asOwner()`delete from auth.users where email = any (${[off.email, on.email]})`;
  const [left, kept] = [await membership(off.id), await membership(on.id)];
  expect([left.auth_id, left.is_active]).toEqual([null, false]);
  expect([kept.auth_id, kept.is_active]).toEqual([null, true]);
});
