import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { tables } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { createMember, createTenant } from "../support/actors.ts";
import { asOwner } from "../support/clients.ts";
import { createRow, insertRow, stored, validRow } from "../support/rows.ts";

const ownedByAccounts = (Object.keys(tables) as TableName[]).filter(
  (table) => tables[table].userIs === "account",
);

test("the contract has tables whose rows belong to an account", () => {
  expect(ownedByAccounts.length).toBeGreaterThan(4);
});

describe.each(ownedByAccounts)("%s", (table) => {
  test("refuses a row of an unknown account", async () => {
    const member = await createMember(await createTenant());
    const row = await validRow(table, member);
    const { error } = await insertRow(table, { ...row, user_id: randomUUID() });
    expect(error?.code).toBe("23503");
    expect((await insertRow(table, row)).error).toBeNull();
  });

  test("loses the rows of a deleted account, and no rows of others", async () => {
    const tenant = await createTenant();
    const [deleted, kept] = [await createMember(tenant), await createMember(tenant)];
    const rows = [await createRow(table, deleted), await createRow(table, kept)];
    await asOwner()`delete from auth.users where id = ${deleted.account}`;
    const left = await Promise.all(rows.map(async ({ id }) => await stored(table, { id })));
    expect(left.map((found) => found.length)).toEqual([0, 1]);
  });
});
