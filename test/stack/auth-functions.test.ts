import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { asOwner } from "../support/clients.ts";

const sub = randomUUID();
const claims = { sub, role: "authenticated", email: "ada@test-acme.example" };

/** Calls the functions of the schema auth with these settings, and returns their results. */
async function read(settings: Record<string, string>) {
  return asOwner().begin(async (sql) => {
    for (const [name, value] of Object.entries(settings)) {
      await sql`select set_config(${name}, ${value}, true)`;
    }
    const [row] = await sql`
      select auth.uid() as sub, auth.role() as role, auth.email() as email`;
    return row;
  });
}

describe("auth.uid(), auth.role() and auth.email()", () => {
  test("read request.jwt.claims, which is all that PostgREST sets", async () => {
    expect(await read({ "request.jwt.claims": JSON.stringify(claims) })).toEqual(claims);
  });

  test("read the older settings, one per claim", async () => {
    const settings = Object.entries(claims).map(([name, value]) => [
      `request.jwt.claim.${name}`,
      value,
    ]);
    expect(await read(Object.fromEntries(settings))).toEqual(claims);
  });

  test("are null without claims", async () => {
    const nothing = { sub: null, role: null, email: null };
    expect(await read({})).toEqual(nothing);
    expect(await read({ "request.jwt.claims": "", "request.jwt.claim.sub": "" })).toEqual(nothing);
    expect(await read({ "request.jwt.claims": '{"role": "anon"}' })).toEqual({
      ...nothing,
      role: "anon",
    });
  });
});
