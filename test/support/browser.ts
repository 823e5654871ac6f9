import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/**
 * The browser that the environment names (as CI does), or Debian's. Node alone is enough for all
 * other tests, and so a machine without any goes without these.
 */
export const BROWSER =
  process.env.CHROMIUM_PATH ?? ["/usr/bin/chromium"].find((path) => existsSync(path));

/** Starts it, without what it would ask the network for by itself. */
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
