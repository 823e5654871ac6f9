import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import type { TablesInsert } from "../../src/index.ts";
import { createTenant, signUp } from "../support/actors.ts";
import { asOwner, serviceClient } from "../support/clients.ts";
import { must } from "../support/rows.ts";

const newEmail = () => `${uniqueName("invited")}@test.example`;

async function invite(email: string, tenant: Partial<TablesInsert<"tenants">> = {}) {
  const { id: tenant_id } = await createTenant(tenant);
  return must(await serviceClient().from("users").insert({ tenant_id, email }).select().single());
}

async function accountOf(id: string) {
  return must(await serviceClient().from("users").select("auth_id").eq("id", id).single()).auth_id;
}

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

test("a second invitation does not unlink the account from its first membership", async () => {
  const first = await invite(newEmail());
  const login = await signUp(first.email);
  const second = await invite(first.email);
  expect(await accountOf(first.id)).toBe(login.account);
  expect(await accountOf(second.id)).toBeNull();
});

test("a newer invitation is linked to the account that now has its address", async () => {
  const taken = await invite(newEmail());
  const first = await signUp(taken.email);
  await asOwner()`update auth.users set email = ${newEmail()} where id = ${first.account}`;
  const waiting = await invite(taken.email);
  const second = await signUp(taken.email);
  expect(await accountOf(taken.id)).toBe(first.account);
  expect(await accountOf(waiting.id)).toBe(second.account);
});

test("a single sign-on account is not linked by the address that its provider claims", async () => {
  const email = newEmail();
  const before = await invite(email);
  await createAccount(email, true, true);
  expect(await accountOf(before.id)).toBeNull();
  const after = await invite(email);
  // Without the rule, the insert of the newer invitation would link the older one.
  expect([await accountOf(before.id), await accountOf(after.id)]).toEqual([null, null]);
});

test("an invitation of an active tenant comes before one of a deactivated tenant", async () => {
  const email = newEmail();
  const closed = await invite(email, { is_active: false });
  const open = await invite(email);
  const login = await signUp(email);
  expect(await accountOf(open.id)).toBe(login.account);
  expect(await accountOf(closed.id)).toBeNull();
});

test("an account is linked whatever the case of its address", async () => {
  const invitation = await invite(newEmail());
  const account = await createAccount(invitation.email.toUpperCase(), true);
  expect(await accountOf(invitation.id)).toBe(account);
});

test("an account invited by two tenants gets the older invitation", async () => {
  const email = newEmail();
  const [first, second] = [await invite(email), await invite(email)];
  const login = await signUp(email);
  expect(await accountOf(first.id)).toBe(login.account);
  expect(await accountOf(second.id)).toBeNull();
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

test("a membership whose account was deleted is linked again on the next sign-up", async () => {
  const invitation = await invite(newEmail());
  const first = await signUp(invitation.email);
  await asOwner()`delete from auth.users where id = ${first.account}`;
  const second = await signUp(invitation.email);
  expect(await accountOf(invitation.id)).toBe(second.account);
});
