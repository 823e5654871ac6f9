import type { BrowserContext, Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { CANNED } from "../../examples/chat/server/canned.ts";
import { BROWSER } from "../support/browser.ts";
import { useChatInBrowser } from "../support/chat-browser.ts";
import {
  conversations,
  hold,
  messagesBy,
  signInAs,
  type Visit,
  write,
} from "../support/chat-page.ts";
import { serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

describe.runIf(BROWSER)("the example chat, in a browser", { timeout: 60_000 }, () => {
  const { createProfile, openChat } = useChatInBrowser(BROWSER);

  async function open(name: string, profile?: BrowserContext): Promise<Visit> {
    const opened = await openChat({ ...(profile && { profile }) });
    await signInAs(opened.page, name);
    return opened;
  }

  const member = async (email: string) =>
    must(await serviceClient().from("users").select("id, tenant_id").eq("email", email).single());

  const titles = (page: Page) => conversations(page).locator(".title").allTextContents();

  test("a person finds the conversations of their tenant, and the messages of one", async () => {
    const { page } = await open("Ada");
    await conversations(page).filter({ hasText: "Launch plan" }).click();
    await messagesBy(page, "User").filter({ hasText: "Yes, with dates." }).waitFor();
    expect(await messagesBy(page, "Assistant").count()).toBe(2);
    expect(await titles(page)).toEqual(expect.arrayContaining(["Launch plan", "New chat"]));
    expect(await titles(page)).not.toContain("Quarterly report");
  });

  test("a person on a phone sees the message field without scrolling", async () => {
    const phone = await createProfile({ viewport: { width: 390, height: 844 } });
    const { page } = await open("Ada", phone);
    await conversations(page).filter({ hasText: "Launch plan" }).click();
    await messagesBy(page, "User").filter({ hasText: "Yes, with dates." }).waitFor();
    const box = await page.getByRole("textbox", { name: "Message" }).boundingBox();
    const bottom = (box?.y ?? Number.NaN) + (box?.height ?? 0);
    expect([await page.evaluate(() => scrollY), bottom]).toEqual([
      0,
      expect.toSatisfy((y) => y < 844),
    ]);
    expect(await conversations(page).first().isVisible()).toBe(true);
  });

  test("a person starts a conversation, and a reload keeps their rating", async () => {
    const { page } = await open("Ben");
    await page.getByRole("button", { name: "New conversation" }).click();
    await write(page, "Name the anvil");
    const answer = messagesBy(page, "Assistant");
    expect(await answer.locator(".content").textContent()).toBe(CANNED[0]);
    expect(await messagesBy(page, "User").allTextContents()).toEqual(["Name the anvil"]);
    await conversations(page).filter({ hasText: "Name the anvil" }).waitFor();

    const up = (pressed: boolean) => page.getByRole("button", { name: "Thumbs up", pressed });
    const down = (pressed: boolean) => page.getByRole("button", { name: "Thumbs down", pressed });
    await up(false).click();
    await up(true).waitFor();
    await down(false).click();
    await down(true).waitFor();
    await up(false).waitFor();
    await page.reload();
    await down(true).waitFor();
    expect(await up(false).count()).toBe(1);

    await down(true).click();
    await down(false).waitFor();
    await page.reload();
    await down(false).waitFor();
    expect(await page.getByRole("button", { pressed: true }).count()).toBe(0);
  });

  test("HTML in a message is shown as text", async () => {
    const { page } = await open("Ben");
    const hostile = `<img src="x" onerror="console.log('run')"> & <b>bold</b>`;
    await write(page, hostile);
    await messagesBy(page, "Assistant").waitFor();
    expect(await messagesBy(page, "User").textContent()).toBe(hostile);
    await conversations(page).filter({ hasText: "<img" }).waitFor();
    expect(await page.locator("img, b").count()).toBe(0);
  });

  test("the chart and the table show today's usage", async () => {
    const { page } = await open("Cleo");
    const bars = async () => {
      const paths = page.locator(`.chart path[fill="var(--chart-1)"]`);
      const heights = await paths.evaluateAll((all) =>
        all.map((path) => path.getBoundingClientRect().height),
      );
      return heights.filter((height) => height > 0).length;
    };
    const chart = (words: string) => page.getByRole("img", { name: words });
    await chart("No usage this month.").waitFor();
    const before = await bars();
    await write(page, "How heavy is it?");
    await chart("1 day with usage").waitFor();
    expect(await bars()).toBe(before + 1);
    await page.getByText("As a table").click();
    const row = page.getByRole("row", { name: new Date().toISOString().slice(0, 10) });
    expect(await row.locator("th, td").allTextContents()).toEqual([
      expect.any(String),
      "1",
      "4",
      "21",
    ]);
    expect(await page.locator(".totals").textContent()).toContain("Requests1Tokens25");
  });

  test("after a switch to another tenant, the page shows nothing of the first one", async () => {
    const { page } = await open("Ada");
    await conversations(page).filter({ hasText: "Launch plan" }).click();
    await messagesBy(page, "User").filter({ hasText: "Yes, with dates." }).waitFor();
    const { tenant_id } = await member("ada@test-acme.example");
    const rows = await serviceClient().from("conversations").select("title").match({ tenant_id });
    const theirs = must(rows).flatMap(({ title }) => title ?? []);
    expect(theirs).toContain("Launch plan");
    const leaks = async () => {
      const shown = await page.content();
      return theirs.filter((title) => shown.includes(title));
    };
    expect(await leaks()).toContain("Launch plan");

    await page.getByRole("button", { name: "Switch to Dora of Globex" }).click();
    const findings = page.locator(".findings");
    await findings.getByText("returned null").waitFor();
    await conversations(page).filter({ hasText: "Quarterly report" }).waitFor();
    expect(await findings.textContent()).toContain("Ada of Acme saw 5 messages in it.");
    expect(await findings.textContent()).toContain(
      "Dora of Globex requested it: getConversation returned null (0 rows).",
    );
    expect(await leaks()).toEqual([]);
  });

  test("after a switch to a colleague, the same request finds the conversation", async () => {
    const { page } = await open("Ada");
    await conversations(page).filter({ hasText: "Launch plan" }).click();
    await messagesBy(page, "User").filter({ hasText: "Yes, with dates." }).waitFor();
    await page.getByRole("combobox", { name: "Signed in as" }).selectOption("Ben");
    await page.getByText("getConversation returned 5 messages.").waitFor();
    await conversations(page).filter({ hasText: "Launch plan" }).click();
    await page.getByText("Only Ada can write here.").waitFor();
    expect(await page.getByRole("textbox", { name: "Message" }).count()).toBe(0);
  });

  test("a pending request is aborted when the person switches, and not shown", async () => {
    const { page } = await open("Ada");
    await conversations(page).filter({ hasText: "Launch plan" }).waitFor();
    const { held, wasAborted, letGo } = await hold(page, "conversations");
    await conversations(page).filter({ hasText: "Launch plan" }).click();
    await expect.poll(() => held.length).toBe(1);
    await page.getByRole("button", { name: "Switch to Dora of Globex" }).click();
    await expect.poll(() => held[0] && wasAborted(held[0])).toBe(true);
    letGo();
    await conversations(page).filter({ hasText: "Quarterly report" }).waitFor();
    expect(await page.getByRole("article").count()).toBe(0);
    expect(await page.content()).not.toContain("Launch plan");
  });

  test("a letter typed into the search aborts the previous request", async () => {
    const { page } = await open("Dora");
    await conversations(page).filter({ hasText: "Contract" }).waitFor();
    const { held, wasAborted, letGo } = await hold(page, "conversations");
    const search = page.getByRole("searchbox", { name: "Search conversations" });
    await search.fill("c");
    await expect.poll(() => held.length).toBe(1);
    await search.fill("QUARTER");
    await expect.poll(() => held.length).toBe(2);
    await expect.poll(() => held[0] && wasAborted(held[0])).toBe(true);
    letGo();
    await conversations(page).filter({ hasText: "Contract" }).waitFor({ state: "detached" });
    expect(await titles(page)).toEqual(["Quarterly report"]);
  });

  test("the list loads page by page, without gaps or duplicates", async () => {
    const finn = await member("finn@test-initech.example");
    const made = Array.from({ length: 12 }, (_, i) => `Page ${i}`);
    for (const title of made) await createRow("conversations", finn, { title });
    const { page } = await open("Finn");
    await conversations(page).nth(9).waitFor();
    expect(await conversations(page).count()).toBe(10);
    await page.getByRole("button", { name: "More" }).click();
    await conversations(page).nth(12).waitFor();
    expect((await titles(page)).sort()).toEqual(["Hello", ...made].sort());
    expect(await page.getByRole("button", { name: "More" }).count()).toBe(0);
  });

  test("a person archives and unarchives a conversation", async () => {
    const title = "To be archived";
    await createRow("conversations", await member("emil@test-globex.example"), { title });
    const { page } = await open("Emil");
    const row = conversations(page).filter({ hasText: title });
    await row.click();
    await page.getByRole("button", { name: "Archive", exact: true }).click();
    await row.waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: "Archived" }).check();
    await row.click();
    await page.getByRole("button", { name: "Unarchive" }).click();
    await row.waitFor({ state: "detached" });
    await page.getByRole("checkbox", { name: "Archived" }).uncheck();
    await row.waitFor();
  });

  test("a refused message shows an error and stays in the message field", async () => {
    const title = "Soon gone";
    const { id } = await createRow("conversations", await member("emil@test-globex.example"), {
      title,
    });
    const { page, heard } = await open("Emil");
    await conversations(page).filter({ hasText: title }).click();
    await page.getByRole("heading", { name: title }).waitFor();
    must(await serviceClient().from("conversations").delete().eq("id", id).select());
    await write(page, "Are you there?");
    const toast = page.getByRole("alert");
    await toast.getByText("You are not allowed to do that.").waitFor();
    expect(await page.getByRole("textbox", { name: "Message" }).inputValue()).toBe(
      "Are you there?",
    );
    await toast.getByRole("button", { name: "Dismiss" }).click();
    await toast.waitFor({ state: "detached" });
    // The browser itself logs this message.
    expect(heard.splice(0)).toEqual([expect.stringContaining("status of 403")]);
  });

  test("connects only to its server and the stack, and never receives the secret key", async () => {
    const { page, hosts, traffic } = await open("Emil", await createProfile());
    await write(page, "Who listens?");
    await messagesBy(page, "Assistant").waitFor();
    await page.getByRole("img", { name: "with usage" }).waitFor();
    const { API_URL, PUBLISHABLE_KEY, SECRET_KEY } = inject("stack");
    expect(hosts).toEqual(new Set(["127.0.0.1", new URL(API_URL).hostname]));
    const texts = await traffic();
    // Compare the texts here, because a failed assertion would print megabytes and the key.
    const found = ["/api/reply", PUBLISHABLE_KEY, SECRET_KEY].map((text) => texts.includes(text));
    expect(found).toEqual([true, true, false]);
  });
});
