import { expect, inject, onTestFinished, test } from "vitest";
import { supabaseCli } from "../../scripts/project/supabase-cli.ts";
import { asOwner } from "../support/clients.ts";

/** Returns the issues that the linter prints, or an empty string if there are none. */
const lint = () => supabaseCli(["db", "lint", "--level=warning"], inject("stack").DB_URL);

test("supabase db lint reports no warning", async () => {
  expect(await lint()).toBe("");
});

test("supabase db lint reports a function that would fail", async () => {
  await asOwner()`
    create function private.probe_lint() returns int language plpgsql set search_path = ''
    as 'begin return (select missing from public.messages); end'`;
  onTestFinished(async () => {
    await asOwner()`drop function private.probe_lint()`;
  });
  expect(JSON.parse(await lint())).toMatchObject([{ function: "private.probe_lint" }]);
});
