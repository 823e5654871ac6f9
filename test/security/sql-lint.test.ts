import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

const settings = readFileSync(join(packageRoot, ".squawk.toml"), "utf8");
const { excluded_rules: excluded } = parseToml(settings) as { excluded_rules: string[] };

const folder = join(packageRoot, "supabase", "migrations");
const migrations = readdirSync(folder).map((name) => join(folder, name));

/** Returns the rules that the migrations break, with these exceptions and those in the files. */
async function brokenRules(exceptions: string[]): Promise<Set<string>> {
  const args = exceptions.map((rule) => `--exclude=${rule}`);
  const { stdout } = await execa(
    "squawk",
    [
      "--config=/dev/null",
      "--pg-version=17.0",
      "--assume-in-transaction",
      "--reporter=json",
    ].concat(args, migrations),
    { preferLocal: true, localDir: packageRoot, reject: false },
  );
  const found = JSON.parse(stdout) as { rule_name: string }[];
  return new Set(found.map(({ rule_name }) => rule_name));
}

test("every rule that the SQL linter excludes would report something", async () => {
  expect(await brokenRules([])).toEqual(new Set(excluded));
  expect(await brokenRules(excluded)).toEqual(new Set());
});
