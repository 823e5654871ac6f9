import { expect, test } from "vitest";
import { createMember, createTenant } from "../support/actors.ts";
import { createRow, must, stored } from "../support/rows.ts";

const LONG_AGO = "2020-01-01T00:00:00+00:00";

test("trigger_brands_updated_at sets updated_at of a changed brand", async () => {
  const ada = await createMember(await createTenant(), { role: "owner" });
  const { id } = await createRow("brands", ada, { updated_at: LONG_AGO });
  const change = ada.client.from("brands").update({ name: "New" }).eq("id", id);
  const { updated_at } = must(await change.select("updated_at").single());
  expect(Date.parse(updated_at)).toBeGreaterThan(Date.parse("2026-01-01"));
});

test("an imported message moves last_activity_at to its own time, and never back", async () => {
  const ada = await createMember(await createTenant(), { role: "owner" });
  const { id } = await createRow("conversation_sessions", ada, { last_activity_at: LONG_AGO });
  const activityAfter = async (created_at: string) => {
    await createRow("conversation_messages", ada, { session_id: id, created_at });
    const [session] = await stored("conversation_sessions", { id });
    return session?.last_activity_at;
  };
  const newer = "2023-05-01T00:00:00+00:00";
  expect(await activityAfter(newer)).toBe(newer);
  expect(await activityAfter("2022-05-01T00:00:00+00:00")).toBe(newer);
});
