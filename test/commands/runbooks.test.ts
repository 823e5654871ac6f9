import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";
import { createProject, type Project } from "../support/project.ts";

const pages = ["migrations.md", "deployment.md", "operations.md"];

/** Commands that would run this test again or write to the project. Other tests cover them. */
const elsewhere = ["npm run check", "npm run types", "npm run generate"];

let project: Project;

beforeAll(async () => {
  project = await createProject();
  const started = await project.run("start", "--detach");
  expect(started.exitCode, started.all).toBe(0);
}, 120_000);

afterAll(() => project.remove());

/** Returns the commands in a page's code blocks and tables, without their comments. */
function commandsOf(page: string): string[] {
  const text = readFileSync(join(packageRoot, "docs", page), "utf8");
  const blocks = [...text.matchAll(/```\n([\s\S]*?)```/g)].flatMap(([, block = ""]) =>
    block.split("\n"),
  );
  const inline = [...text.matchAll(/`((?:npm run|npx) [^`]+)`/g)].map(
    ([, command = ""]) => command,
  );
  const steps = blocks.map((line) => line.replace(/\s+#.*$/, "").trim()).filter(isCommand);
  return [...steps, ...new Set(inline.filter((command) => !steps.includes(command)))];
}

function isCommand(line: string): boolean {
  return /^(npm|npx) /.test(line);
}

const commands = pages.flatMap((page) => commandsOf(page).map((command) => [page, command]));
const ours = commands.filter(([, command = ""]) => /^npm run (--silent )?db:/.test(command));
const platform = commands.filter(([, command = ""]) => command.startsWith("npx supabase"));
const others = commands.filter((pair) => !ours.includes(pair) && !platform.includes(pair));

test("the pages have commands, and each one is of a known kind", () => {
  expect(ours.length).toBeGreaterThan(10);
  expect(platform.length).toBeGreaterThan(4);
  for (const [, command = ""] of others) expect(elsewhere).toContain(command.split(":")[0]);
});

describe("every db command works on a new stack, in the order of the page", () => {
  let isRolledBack = false;

  test.each(ours)(
    "%s: %s",
    async (_page, command = "") => {
      const [, script = "", args = ""] =
        /^npm run (?:--silent )?(\S+)(?: -- (.*))?$/.exec(command) ?? [];
      // After a rollback, db:verify fails, as the page says. All other commands start from a push.
      if (isRolledBack && script !== "db:verify") {
        expect((await project.run("db-push")).exitCode).toBe(0);
        isRolledBack = false;
      }
      const given = args
        .replaceAll(/"\$(NEW_)?DB_URL"/g, project.environment().DB_URL)
        .replaceAll("<ref>", "abcdefgh")
        .replaceAll("report.html", join(project.dir, "report.html"))
        .split(" ")
        .filter(Boolean);
      const isRollback = script === "db:rollback" && !given.includes("--dry-run");
      // The command asks for confirmation, but no terminal is attached here.
      if (isRollback) given.push("--yes");
      const { exitCode, all } = await execa("npm", ["run", "--silent", script, "--", ...given], {
        cwd: packageRoot,
        env: { SUPABASE_WORKDIR: project.dir, NO_COLOR: "1" },
        reject: false,
        all: true,
      });
      expect([exitCode, all]).toEqual([isRolledBack ? 1 : 0, expect.any(String)]);
      if (isRolledBack) expect(all).toContain("not applied");
      isRolledBack ||= isRollback;
    },
    90_000,
  );
});

describe("every command of the Supabase CLI exists", () => {
  test.each(platform)("%s: %s", async (_page, command = "") => {
    const words = command.replace(/^npx supabase /, "").split(" ");
    const subcommand = words.filter((word) => /^[a-z]+$/.test(word)).slice(0, 2);
    const { stdout, exitCode } = await execa("supabase", [...subcommand, "--help"], {
      preferLocal: true,
      localDir: packageRoot,
    });
    expect(exitCode).toBe(0);
    for (const flag of words.filter((word) => word.startsWith("--"))) {
      expect(stdout).toContain(flag);
    }
  });
});
