import { expect, test } from "vitest";
import { createMember, createTenant } from "../support/actors.ts";
import { createRow, must } from "../support/rows.ts";

const LONG_AGO = "2020-01-01T00:00:00+00:00";

test("trigger_brands_updated_at sets updated_at of a changed brand", async () => {
  const ada = await createMember(await createTenant(), { role: "owner" });
  const { id } = await createRow("brands", ada, { updated_at: LONG_AGO });
  const change = ada.client.from("brands").update({ name: "New" }).eq("id", id);
  const { updated_at } = must(await change.select("updated_at").single());
  expect(Date.parse(updated_at)).toBeGreaterThan(Date.parse("2026-01-01"));
});
