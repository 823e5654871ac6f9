import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { demoSignIns } from "../../scripts/contract/sign-ins.ts";
import { createStackClient } from "../support/clients.ts";
import { createProject, type Project } from "../support/project.ts";

/** A project with a running stack in the background. */
let project: Project;

beforeAll(async () => {
  project = await createProject();
  const { exitCode, all } = await project.run("start", "--detach");
  expect(exitCode, all).toBe(0);
}, 120_000);

afterAll(() => project.remove());

function createClient() {
  const { API_URL, PUBLISHABLE_KEY } = project.environment();
  return createStackClient(API_URL, PUBLISHABLE_KEY);
}

/** Returns the file that `npm run status` names. */
async function emailFile(): Promise<string> {
  const { stdout } = await project.run("status");
  const [, file = ""] = /^ {2}Emails +(\S+)$/m.exec(stdout) ?? [];
  return file;
}

/** Returns the text of the last email to an address. */
async function lastEmailTo(address: string): Promise<string> {
  const emails = readFileSync(await emailFile(), "utf8").split(/^(?=Date: )/m);
  return emails.findLast((email) => email.includes(`\nTo: ${address}\n`)) ?? "";
}

const linkIn = (email: string) => /https?:\/\/\S+/.exec(email)?.[0] ?? "";
const codeIn = (email: string) => /: (\d{6})$/m.exec(email)?.[1] ?? "";

/** Opens a link like a browser, except that it does not follow the redirect to the app. */
async function open(link: string): Promise<{ app: string; session: URLSearchParams }> {
  const { status, headers } = await fetch(link, { redirect: "manual" });
  expect(status).toBe(303);
  const target = new URL(headers.get("location") ?? "");
  const session = new URLSearchParams(target.hash.slice(1));
  target.hash = "";
  return { app: target.href, session };
}

/** Signs in with the session of a link. */
async function signInWith(session: URLSearchParams) {
  const client = createClient();
  const { error } = await client.auth.setSession({
    access_token: session.get("access_token") ?? "",
    refresh_token: session.get("refresh_token") ?? "",
  });
  expect(error).toBeNull();
  return client;
}

const [ada = "", ben = "", cleo = ""] = demoSignIns.emails;

describe("an email that the auth API prints", () => {
  test("recovers a password by its link alone", async () => {
    const password = "a new password";
    const credentials = { email: ada, password };
    const { error } = await createClient().auth.resetPasswordForEmail(ada);
    expect(error).toBeNull();
    expect((await createClient().auth.signInWithPassword(credentials)).error?.code).toBe(
      "invalid_credentials",
    );
    const { app, session } = await open(linkIn(await lastEmailTo(ada)));
    expect(app).toBe("http://127.0.0.1:3000/");
    const client = await signInWith(session);
    expect((await client.auth.updateUser({ password })).error).toBeNull();
    expect((await createClient().auth.signInWithPassword(credentials)).error).toBeNull();
  });

  test("signs in by its code", async () => {
    await createClient().auth.signInWithOtp({ email: ben });
    const email = await lastEmailTo(ben);
    const verify = (token: string) =>
      createClient().auth.verifyOtp({ email: ben, token, type: "magiclink" });
    expect((await verify("000000")).error?.code).toBe("otp_expired");
    expect((await verify(codeIn(email))).data.user?.email).toBe(ben);
  });

  test.each([
    ["an address that config.toml lists", "https://127.0.0.1:3000", "https://127.0.0.1:3000/"],
    ["the app instead of any other address", "https://evil.example", "http://127.0.0.1:3000/"],
  ])("leads to %s", async (_name, redirectTo, expected) => {
    await createClient().auth.resetPasswordForEmail(cleo, { redirectTo });
    const { app, session } = await open(linkIn(await lastEmailTo(cleo)));
    expect(app).toBe(expected);
    expect((await (await signInWith(session)).auth.getUser()).data.user?.email).toBe(cleo);
  });

  test("can be used only once", async () => {
    await createClient().auth.resetPasswordForEmail(cleo);
    const link = linkIn(await lastEmailTo(cleo));
    expect((await open(link)).session.get("access_token")).not.toBeNull();
    expect((await open(link)).session.get("error_code")).toBe("otp_expired");
  });

  test("changes the address of an account", async () => {
    const client = createClient();
    const { password } = demoSignIns;
    await client.auth.signInWithPassword({ email: ben, password });
    const email = "ben@renamed.example";
    await client.auth.updateUser({ email });
    await open(linkIn(await lastEmailTo(ben)));
    expect((await createClient().auth.signInWithPassword({ email, password })).error).toBeNull();
  });
});

test("signing up prints no email, because addresses need no confirmation", async () => {
  const email = "new@person.example";
  const { auth } = createClient();
  const { data } = await auth.signUp({ email, password: "a long password" });
  expect(data.session).not.toBeNull();
  expect(await lastEmailTo(email)).toBe("");
  await auth.resetPasswordForEmail(email);
  expect(await lastEmailTo(email)).toContain("Subject: Reset Your Password");
});

test("other users of the computer cannot read the emails", async () => {
  await createClient().auth.resetPasswordForEmail(cleo);
  const email = await lastEmailTo(cleo);
  for (const file of [await emailFile(), join(project.dir, ".stack/stack.log")]) {
    expect(readFileSync(file, "utf8")).toContain(email);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }
});
