import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";
import { isNamed, testsOf } from "./test-names.ts";

const page = readFileSync(join(packageRoot, "docs/threats.md"), "utf8");

/** The items of a list: a defence, followed by the tests that prove it. */
const threats = /## Threats\n([\s\S]*?)\n## /.exec(page)?.[1] ?? "";
const defences = threats.split(/\n(?=- )/).filter((item) => item.startsWith("- "));
const testsNamedIn = (text: string) =>
  [...text.matchAll(/^ {2}- `(test\/[^`]+)` › (.+)$/gm)].map(([, file = "", name = ""]) => ({
    file,
    name,
  }));

const named = testsNamedIn(page);

describe("the page about security", () => {
  test.each(defences.map((item) => [/\*\*(.+?)\.?\*\*/s.exec(item)?.[1], item]))(
    "has a test for the defence: %s",
    (_threat, item = "") => {
      expect(testsNamedIn(item).length).toBeGreaterThan(0);
    },
  );

  test.each(named)("names a test that exists: $file › $name", ({ file, name }) => {
    expect(testsOf(file).some((test) => isNamed(test, name.split(" › ")))).toBe(true);
  });

  test("names files that exist", () => {
    const files = [...page.matchAll(/`((?:test|supabase|docs|scripts)\/[^` ]+)`/g)];
    for (const [, file = ""] of files)
      expect([file, existsSync(join(packageRoot, file))]).toEqual([file, true]);
    expect(files.length).toBeGreaterThan(named.length / 2);
  });

  test("has … in place of the placeholders of test names", () => {
    expect(page).not.toMatch(/%[sdioj]|\$\w+/);
  });

  test("has no line in a list of tests that names no test", () => {
    const lines = page.split("\n").filter((line) => /^\s+[-*] .*test/.test(line));
    expect(lines).toHaveLength(named.length);
  });
});

describe("a name matches a test", () => {
  const path = "test/security/tokens.test.ts";
  const isKnown = (...names: string[]) => testsOf(path).some((test) => isNamed(test, names));

  test("when it is complete, with its placeholders filled from the file", () => {
    expect(isKnown("a forged token is refused", "without a signature")).toBe(true);
  });

  test.each([
    ["of no test", ["a forged token is refused", "on a Sunday"]],
    ["without its describe", ["without a signature"]],
    ["in another describe", ["a tenant or a role in a token has no effect", "that has expired"]],
    ["only a describe", ["a forged token is refused"]],
  ])("but not when it is %s", (_why, names) => {
    expect(isKnown(...names)).toBe(false);
  });
});
