// createLogin() creates the same account, session and token as a sign-up.
import { expect, test } from "vitest";
import {
  createLogin,
  createMember,
  createTenant,
  type Login,
  PASSWORD,
  signUp,
} from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { claimsOf } from "../support/tokens.ts";

async function tokenOf({ client }: Login): Promise<string> {
  const { data } = await client.auth.getSession();
  return data.session?.access_token ?? expect.fail("no session");
}

/** The parts of a value that differ between accounts. */
const OF_ITS_OWN = /[0-9a-f]{8}-[0-9a-f-]{27}|person-[0-9a-f-]{13}|\d{4}-\d\d-\d\d[T ][\d:.+Z]+/g;
const comparable = (value: unknown) => JSON.parse(JSON.stringify(value).replace(OF_ITS_OWN, "…"));

test("a minted token has the header and the claims of a real one", async () => {
  const [real, minted] = [await tokenOf(await signUp()), await tokenOf(await createLogin())];
  expect(minted.split(".")[0]).toBe(real.split(".")[0]);
  const withoutTimes = ({ iat, exp, amr, ...claims }: Record<string, unknown>) => {
    expect(Number(exp) - Number(iat)).toBe(3600);
    expect(amr).toEqual([{ method: "password", timestamp: iat }]);
    return comparable(claims);
  };
  expect(withoutTimes(claimsOf(minted))).toEqual(withoutTimes(claimsOf(real)));
});

test("a minted account is stored as a real one is, except for its password hash", async () => {
  const rowsOf = async ({ account }: Login) => {
    const [user] = await asOwner()`
      select to_jsonb(u) - 'encrypted_password' as row from auth.users u where id = ${account}`;
    const [identity] = await asOwner()`
      select to_jsonb(i) as row from auth.identities i where user_id = ${account}`;
    const [session] = await asOwner()`
      select to_jsonb(s) as row from auth.sessions s where user_id = ${account}`;
    return comparable([user?.row, identity?.row, session?.row]);
  };
  expect(await rowsOf(await createLogin())).toEqual(await rowsOf(await signUp()));
});

test("the API returns the account of a minted token, same as of a real one", async () => {
  const userOf = async ({ client }: Login) => comparable((await client.auth.getUser()).data.user);
  expect(await userOf(await createLogin())).toEqual(await userOf(await signUp()));
});

test("a minted account is linked to its invitation, and its password signs it in", async () => {
  const member = await createMember(await createTenant());
  const { data } = await member.client.from("users").select("id, auth_id");
  expect(data).toEqual([{ id: member.id, auth_id: member.account }]);
  const again = anonClient();
  const signedIn = await again.auth.signInWithPassword({ email: member.email, password: PASSWORD });
  expect(signedIn.data.user?.id).toBe(member.account);
});

test("a minted token whose session is deleted is refused, same as a real one", async () => {
  const refusedAfterSignOut = async (login: Login) => {
    const token = await tokenOf(login);
    await asOwner()`delete from auth.sessions where user_id = ${login.account}`;
    const { data, error } = await serviceClient().auth.getUser(token);
    return [data.user?.id, error?.status];
  };
  expect(await refusedAfterSignOut(await createLogin())).toEqual(
    await refusedAfterSignOut(await signUp()),
  );
});
