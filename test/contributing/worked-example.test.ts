// Follows the examples of CONTRIBUTING.md in a copy of the repository. No other change is needed.
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execa } from "execa";
import { afterAll, beforeAll, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

const SLOW = { timeout: 300_000 };

/** The suites that read the contract. */
const SUITES = [
  "test/access/",
  "test/catalog/",
  "test/types/",
  "test/security/oracles",
  "test/assistant/requests",
];

let copy: string;

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), "contributing-"));
  const parts = ["scripts", "src", "supabase", "test", "docs", "examples", ".gitignore"];
  const files = [
    "package.json",
    "biome.json",
    "tsconfig.json",
    "tsconfig.build.json",
    "vitest.config.ts",
  ];
  for (const part of [...parts, ...files]) {
    cpSync(join(packageRoot, part), join(copy, part), { recursive: true });
  }
  symlinkSync(join(packageRoot, "node_modules"), join(copy, "node_modules"));
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Returns the code blocks of a section, each with its file and its place in the file. */
function blocksOf(title: string) {
  const page = readFileSync(join(packageRoot, "CONTRIBUTING.md"), "utf8");
  const section = page.split(/^#{2,3} /m).find((part) => part.startsWith(`${title}\n`)) ?? "";
  const blocks = section.matchAll(/```(?:sql|ts) ([^\s:]+)(?:: (\w+))?\n([\s\S]*?)```/g);
  return [...blocks].map(([, file = "", place, code = ""]) => ({ file, place, code }));
}

/** Writes the blocks of a section. A block with a place is added to the list of that name. */
function carryOut(title: string, isWanted: (file: string) => boolean = () => true) {
  const blocks = blocksOf(title).filter(({ file }) => isWanted(file));
  expect(blocks.length).toBeGreaterThan(0);
  for (const { file, place, code } of blocks) {
    const path = join(copy, file);
    mkdirSync(dirname(path), { recursive: true });
    if (!place) {
      writeFileSync(path, code);
      continue;
    }
    const before = readFileSync(path, "utf8");
    const list = place === "import" ? /^/ : new RegExp(`(?<=\\n  ${place}: \\{)`);
    const after = before.replace(list, () => (place === "import" ? code : `\n${code}`));
    expect(after).not.toBe(before);
    writeFileSync(path, after);
  }
}

/** Runs a program of the project in the copy. */
const run = (command: string, ...args: string[]) =>
  execa(command, args, {
    cwd: copy,
    preferLocal: true,
    localDir: packageRoot,
    env: { NO_COLOR: "1", SUPABASE_WORKDIR: copy, VITEST: undefined, TEST_IN_FULL: "1" },
    reject: false,
    all: true,
  });

const generate = () => run("node", "scripts/run.cjs", "generate");
const runProject = (project: string, ...suites: string[]) =>
  run("vitest", "run", "--reporter=verbose", `--project=${project}`, ...suites);

test("a test names a column that is not in the contract", SLOW, async () => {
  carryOut("A column", (file) => file.startsWith("supabase/"));
  expect((await generate()).exitCode).toBe(0);
  const { exitCode, all } = await runProject("schema", "test/access/columns");
  expect(exitCode).toBe(1);
  expect(all).toContain("pinned_at");
});

test(
  "the suites pass for a column with its line, and for a table with its function and helper",
  SLOW,
  async () => {
    carryOut("A column", (file) => file.startsWith("scripts/"));
    carryOut("A table or a function");
    const index = join(copy, "src/index.ts");
    writeFileSync(
      index,
      `${readFileSync(index, "utf8")}export { countBookmarks } from "./bookmarks.js";\n`,
    );
    const requests = join(copy, "test/assistant/requests.test.ts");
    const listed = readFileSync(requests, "utf8")
      .replace("  cancelSession,\n", "  cancelSession,\n  countBookmarks,\n")
      .replace(
        "  callFunction: async",
        "  countBookmarks: async () => (options) => countBookmarks(client, options),\n  callFunction: async",
      );
    writeFileSync(requests, listed);
    const generated = await generate();
    expect([generated.exitCode, generated.all]).toEqual([
      0,
      expect.stringContaining("catalog.json"),
    ]);
    const types = readFileSync(join(copy, "src/schema/checks.ts"), "utf8");
    expect(types).toMatch(/bookmarks: \{\s+color: \["yellow", "blue"\]/);
    const compiled = await run("tsc");
    expect([compiled.exitCode, compiled.all]).toEqual([0, ""]);
    await expectSuccess("schema", ...SUITES);
  },
);

test("the query of each index of the new table uses the index", SLOW, async () => {
  await expectSuccess("advisors", "test/advisors/advisors.test.ts");
});

async function expectSuccess(project: string, ...suites: string[]) {
  const { exitCode, all } = await runProject(project, ...suites);
  const failures = all.split("\n").filter((line) => /FAIL|Error: /.test(line));
  expect([exitCode, failures]).toEqual([0, []]);
  expect(all).toMatch(/Tests .*passed/);
}
