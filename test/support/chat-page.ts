import type { BrowserContext, Page, Request } from "playwright-core";
import { inject } from "vitest";
import { PASSWORD } from "./actors.ts";

/** A page with the example chat, with a record of its logs and requests. */
export interface Visit {
  page: Page;
  /** The messages and errors that the page has logged, except Vite's debug messages. */
  heard: string[];
  /** The host names that the page has sent requests to. */
  hosts: Set<string>;
  /** Returns all requests and responses as text. */
  traffic: () => Promise<string>;
}

/** Opens the example chat in a new page of a browser profile in which no account is signed in. */
export async function visit(profile: BrowserContext, url: string): Promise<Visit> {
  const page = await profile.newPage();
  const heard: string[] = [];
  const finished: Request[] = [];
  const hosts = new Set<string>();
  page.on("console", (message) => {
    if (message.type() !== "debug") heard.push(message.text());
  });
  page.on("pageerror", (error) => heard.push(error.message));
  page.on("websocket", (socket) => hosts.add(new URL(socket.url()).hostname));
  page.on("request", (request) => {
    if (!request.url().startsWith("data:")) hosts.add(new URL(request.url()).hostname);
  });
  page.on("requestfinished", (request) => finished.push(request));
  await page.goto(url);
  const traffic = async () => (await Promise.all(finished.map(textOf))).join("\n");
  return { page, heard, hosts, traffic };
}

async function textOf(request: Request): Promise<string> {
  const response = await request.response();
  const body = await response?.text();
  const headers = JSON.stringify(await request.allHeaders());
  return [request.url(), headers, request.postData(), body].join("\n");
}

export async function signInAs(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: `Sign in as ${name}` }).click();
  await page.getByRole("main").waitFor();
}

/** Signs in with the account of a test, which has the password `PASSWORD`. */
export async function signInWith(page: Page, email: string): Promise<void> {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** The choice of the organisation. */
export const switcher = (page: Page) => page.getByRole("combobox", { name: "Organisation" });

/** The entry of one member, or of one pending invitation. */
export const entryOf = (page: Page, name: string) => page.getByRole("listitem", { name });

export const openMembers = (page: Page) => page.getByRole("button", { name: "Members" }).click();

/** The conversations in the list, as the signed-in person sees them. */
export const conversations = (page: Page) =>
  page.getByRole("list", { name: "Conversations" }).getByRole("button");

/** The messages of one author. */
export const messagesBy = (page: Page, author: "User" | "Assistant") =>
  page.getByRole("article", { name: author });

export async function write(page: Page, content: string): Promise<void> {
  const field = page.getByRole("textbox", { name: "Message" });
  await field.fill(content);
  await field.press("Enter");
}

/**
 * Holds the requests to a table back until `letGo()` is called. `wasAborted()` returns whether the
 * page has aborted a request.
 */
export async function hold(page: Page, table: string) {
  const held: Request[] = [];
  const failed = new Set<Request>();
  page.on("requestfailed", (request) => failed.add(request));
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const pattern = `${inject("stack").API_URL}/rest/v1/${table}?**`;
  await page.route(pattern, async (route) => {
    if (route.request().method() === "OPTIONS") return route.continue();
    held.push(route.request());
    await gate;
    await route.continue().catch(() => {});
  });
  return { held, wasAborted: (request: Request) => failed.has(request), letGo };
}
