import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/**
 * The path of Chromium: `CHROMIUM_PATH` (set by CI), or Debian's. It is undefined on a machine
 * without Chromium, which skips the browser tests. All other tests need only Node.
 */
export const BROWSER =
  process.env.CHROMIUM_PATH ?? ["/usr/bin/chromium"].find((path) => existsSync(path));

/** Starts the browser, without the network requests that it makes on its own. */
export async function launchBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
