import { createServer } from "node:net";
import { execa } from "execa";
import { expect, inject, test } from "vitest";
import { people } from "../../examples/chat/page/people.ts";
import { demoSignIns } from "../../scripts/contract/sign-ins.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { serviceClient } from "../support/clients.ts";
import { freePort } from "../support/project.ts";
import { must } from "../support/rows.ts";

/** Starts `npm run example` on the stack of the tests. */
function runExample(args: string[], env: Record<string, string> = {}) {
  const { API_URL, PUBLISHABLE_KEY, SECRET_KEY } = inject("stack");
  return execa("node", ["scripts/run.cjs", "example", ...args], {
    cwd: packageRoot,
    env: {
      SUPABASE_URL: API_URL,
      SUPABASE_PUBLISHABLE_KEY: PUBLISHABLE_KEY,
      SUPABASE_SECRET_KEY: SECRET_KEY,
      NO_COLOR: "1",
      ...env,
    },
    reject: false,
    all: true,
  });
}

test("npm run example serves the page until Ctrl-C", async () => {
  const port = await freePort();
  const command = runExample(["--port", String(port)]);
  await new Promise<void>((resolve) => {
    command.all.on("data", (text) => String(text).includes("Ctrl-C") && resolve());
    command.once("exit", () => resolve());
  });
  const page = await fetch(`http://127.0.0.1:${port}/`);
  expect(await page.text()).toContain('<div id="app">');
  command.kill("SIGINT");
  const { exitCode, all } = await command;
  expect(all).toContain(`The example chat is at http://127.0.0.1:${port}/`);
  expect(exitCode).toBe(0);
});

const failures: [why: string, args: string[], env: Record<string, string>, words: string][] = [
  ["the stack does not run", [], { SUPABASE_URL: "http://127.0.0.1:1" }, "does not answer"],
  ["a key is missing", [], { SUPABASE_SECRET_KEY: "" }, "so SUPABASE_SECRET_KEY must be"],
];
test.each(failures)("npm run example reports in one line that %s", async (_, args, env, words) => {
  const { exitCode, all } = await runExample(args, env);
  expect(exitCode).toBe(1);
  expect(all).toContain(words);
  expect(all.split("\n")).toHaveLength(1);
});

test("npm run example names the program that uses the port", async () => {
  const other = createServer();
  const port = await freePort();
  await new Promise<void>((resolve) => other.listen(port, "127.0.0.1", resolve));
  try {
    const { exitCode, all } = await runExample(["--port", String(port)]);
    expect(exitCode).toBe(1);
    expect(all.split("\n")).toEqual([
      `example: port ${port} is taken by node (pid ${process.pid})`,
      "  stop it, or choose another port: npm run example -- --port N",
    ]);
  } finally {
    other.close();
  }
});

test.each([["--port", "x"], ["--port", "70000"], ["--nonsense"]])(
  "npm run example refuses the arguments %s %s",
  async (...args) => {
    const { exitCode, stderr } = await runExample(args);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("npm run example -- --help");
  },
);

test("the people on the page match the seed", async () => {
  const rows = must(
    await serviceClient()
      .from("users")
      .select("name, email, role, tenants(name)")
      .in("email", demoSignIns.emails)
      .order("email"),
  );
  const found = rows.map(({ tenants, ...person }) => ({ ...person, tenant: tenants.name }));
  expect(found).toHaveLength(people.length + 1);
  expect(found).toEqual(expect.arrayContaining([...people, demoSignIns.guest]));
});
