import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { readSettings } from "../../scripts/project/settings.ts";
import { type Stack, startStack } from "../../scripts/stack/stack.ts";
import { PASSWORD } from "../support/actors.ts";
import { type Client, createStackClient } from "../support/clients.ts";
import { must } from "../support/rows.ts";

let stack: Stack;
let sql: postgres.Sql;

/** Starts a stack that requires confirmed addresses, same as deployed projects. Others do not. */
beforeAll(async () => {
  // The local API prints mails instead of sending them.
  vi.spyOn(console, "info").mockReturnValue();
  const settings = readSettings();
  const email = {
    ...(settings.auth.email as object),
    enable_confirmations: true,
    // If this were true, the local API would ask only the old address to confirm. GoTrue asks both.
    double_confirm_changes: false,
  };
  stack = await startStack({
    settings: { ...settings, apiPort: 0, dbPort: 0, auth: { ...settings.auth, email } },
    migrate: true,
  });
  sql = postgres(stack.environment.DB_URL, { max: 1, onnotice: () => {} });
}, 120_000);

afterAll(async () => {
  await sql.end();
  await stack.close();
});

const client = () =>
  createStackClient(stack.environment.API_URL, stack.environment.PUBLISHABLE_KEY);
const backend = () => createStackClient(stack.environment.API_URL, stack.environment.SECRET_KEY);

const newEmail = () => `${uniqueName("person")}@test.example`;

async function invite(email = newEmail()) {
  const slug = uniqueName("test");
  const tenant = must(
    await backend().from("tenants").insert({ name: slug, slug }).select().single(),
  );
  const row = { tenant_id: tenant.id, email };
  return must(await backend().from("users").insert(row).select().single());
}

/** Opens the link in the mail to an address, which requires reading the address' mail. */
async function confirm(who: Client, email: string, type: "signup" | "email_change") {
  const [row] = await sql`
    select coalesce(confirmation_token, email_change_token_new) as token_hash from auth.users
    where ${email} in (email, email_change)`;
  return who.auth.verifyOtp({ token_hash: row?.token_hash, type });
}

async function confirmedAccount() {
  const account = { client: client(), email: newEmail() };
  await account.client.auth.signUp({ email: account.email, password: PASSWORD });
  expect((await confirm(account.client, account.email, "signup")).error).toBeNull();
  return account;
}

const accountOf = async (id: string) =>
  must(await backend().from("users").select("auth_id").eq("id", id).single()).auth_id;

test("signing up with another person's address gives nothing until it is confirmed", async () => {
  const invitation = await invite();
  const mallory = client();
  const credentials = { email: invitation.email, password: PASSWORD };
  const signedUp = await mallory.auth.signUp(credentials);
  expect([signedUp.error, signedUp.data.session]).toEqual([null, null]);
  expect((await mallory.auth.signInWithPassword(credentials)).error?.code).toBe(
    "email_not_confirmed",
  );
  expect(await accountOf(invitation.id)).toBeNull();
  expect((await mallory.from("tenants").select()).error?.code).toBe("42501");

  expect((await confirm(mallory, invitation.email, "signup")).error).toBeNull();
  expect(await accountOf(invitation.id)).toBe(signedUp.data.user?.id);
  expect((await mallory.from("tenants").select()).data).toHaveLength(1);
});

test("changing to another person's address gives nothing until it is confirmed", async () => {
  const invitation = await invite();
  const { client: mallory } = await confirmedAccount();
  const { error } = await mallory.auth.updateUser({ email: invitation.email });
  expect(error).toBeNull();
  await mallory.auth.refreshSession();
  expect(await accountOf(invitation.id)).toBeNull();
  expect((await mallory.from("tenants").select()).data).toEqual([]);

  expect((await confirm(mallory, invitation.email, "email_change")).error).toBeNull();
  expect(await accountOf(invitation.id)).not.toBeNull();
});

test("a member who confirms a new address gets the membership that waits for it", async () => {
  const { client: ada, email } = await confirmedAccount();
  const [first, second] = [await invite(email), await invite()];
  await ada.auth.updateUser({ email: second.email });
  expect(await accountOf(second.id)).toBeNull();
  expect((await confirm(ada, second.email, "email_change")).error).toBeNull();
  const account = await accountOf(first.id);
  expect(account).not.toBeNull();
  expect(await accountOf(second.id)).toBe(account);
});

test("signing in without an account is refused", async () => {
  const { error } = await client().auth.signInAnonymously();
  expect(error?.code).toBe("anonymous_provider_disabled");
});
