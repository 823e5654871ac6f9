import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type Chat, startChat } from "./chat.ts";
import { type Visit, visit } from "./chat-page.ts";

const DESKTOP = { viewport: { width: 1280, height: 800 } };

/**
 * Serves the example chat and starts a browser for the tests of a suite. After each test, it closes
 * the pages, and expects that they have logged nothing.
 */
export function useChatInBrowser(executablePath: string | undefined) {
  let chat: Chat;
  let browser: Browser;
  /** The default of all tests, so that they do not load cached files again. */
  let shared: BrowserContext;
  const visits: Visit[] = [];
  const profiles: BrowserContext[] = [];

  beforeAll(async () => {
    chat = await startChat();
    browser = await launchBrowser(executablePath ?? expect.fail());
    shared = await browser.newContext(DESKTOP);
  });

  afterEach(async () => {
    const heard: string[] = [];
    for (const { page, heard: lines } of visits.splice(0)) {
      await page.evaluate(() => localStorage.clear());
      await page.close();
      heard.push(...lines);
    }
    for (const profile of profiles.splice(0)) await profile.close();
    expect(heard).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await chat?.close();
  });

  return {
    /** Creates a profile with its own accounts and cache, until the end of the test. */
    async createProfile(options: BrowserContextOptions = DESKTOP): Promise<BrowserContext> {
      const profile = await browser.newContext(options);
      profiles.push(profile);
      return profile;
    },
    /** Opens the chat in a new page. A profile may have several pages. */
    async openChat({ profile = shared, path = "" } = {}): Promise<Visit> {
      const opened = await visit(profile, chat.url + path);
      visits.push(opened);
      return opened;
    },
  };
}
