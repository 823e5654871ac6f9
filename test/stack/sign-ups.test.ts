import { describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { PASSWORD } from "../support/actors.ts";
import { anonClient, asOwner } from "../support/clients.ts";

const domain = "@test.example";

const signUp = async (email: string) => {
  const { error } = await anonClient().auth.signUp({ email, password: PASSWORD });
  return error && { status: error.status, code: error.code };
};

const accounts = async (email: string) =>
  (await asOwner()`select from auth.users where email = ${email}`).length;

test("of several sign-ups of one address at once, one succeeds", async () => {
  const email = `${uniqueName("once")}${domain}`;
  const outcomes = await Promise.all([signUp(email), signUp(email), signUp(email)]);
  const taken = { status: 422, code: "user_already_exists" };
  expect(outcomes.filter((outcome) => outcome === null)).toEqual([null]);
  expect(outcomes.filter((outcome) => outcome !== null)).toEqual([taken, taken]);
  expect(await accounts(email)).toBe(1);
});

describe("an address of more than 255 characters is refused", () => {
  const emailOf = (length: number) => {
    const name = uniqueName("long");
    return `${name}${"x".repeat(length - name.length - domain.length)}${domain}`;
  };
  const refused = { status: 400, code: "validation_failed" };

  test("as the address of a new account", async () => {
    const [longest, longer] = [emailOf(255), emailOf(256)];
    expect([await signUp(longest), await accounts(longest)]).toEqual([null, 1]);
    expect([await signUp(longer), await accounts(longer)]).toEqual([refused, 0]);
  });

  test("as the new address of an account", async () => {
    const client = anonClient();
    const email = `${uniqueName("short")}${domain}`;
    await client.auth.signUp({ email, password: PASSWORD });
    const change = async (email: string) => (await client.auth.updateUser({ email })).error;
    expect(await change(emailOf(256))).toMatchObject(refused);
    expect(await change(emailOf(255))).toBeNull();
  });
});
