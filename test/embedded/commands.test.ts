import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { describe, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** The files of `scripts/`, and what each is called in package.json. */
const commands = readdirSync(join(packageRoot, "scripts"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length))
  .map((file) => [file, file.replace("-", ":")] as const);

/** Every option of a script, as its source declares it. */
function optionsOf(file: string): string[] {
  const source = readFileSync(join(packageRoot, "scripts", `${file}.ts`), "utf8");
  const declared = /"?([a-z-]+)"?: (?:\{\s*(?:type: "|\.\.\.databaseUrl)|databaseUrlOption)/g;
  return [...source.matchAll(declared)].map(([, name]) => name as string);
}

/** As the README writes it. */
const invocationOf = (name: string) =>
  ["start", "stop"].includes(name) ? `npm ${name}` : `npm run ${name}`;

/** From a folder that is not this one. */
const elsewhere = { cwd: tmpdir(), env: { NO_COLOR: "1" }, reject: false } as const;

test("every script is a command of package.json, by way of the launcher", () => {
  for (const [file, name] of commands) expect(scripts[name]).toBe(`node scripts/run.cjs ${file}`);
  expect(Object.values(scripts).filter((line) => /\btsx\b/.test(line))).toEqual([]);
});

describe.concurrent.for(commands)("%s", { timeout: 90_000 }, ([file, name]) => {
  test("prints its usage and each of its options for npx tsx --help, wherever", async () => {
    const script = join(packageRoot, "scripts", `${file}.ts`);
    const local = { ...elsewhere, preferLocal: true, localDir: packageRoot };
    const { stdout, stderr, exitCode } = await execa("tsx", [script, "--help"], local);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toMatch(new RegExp(`^\\S.*\n\nusage: ${invocationOf(name)} (\\[-- |-- )`, "s"));
    const options = [...stdout.matchAll(/^ {2}--([a-z-]+)( [A-Z]+)? {2,}\S/gm)];
    expect(options.map(([, option]) => option)).toEqual([...optionsOf(file), "help"]);
  });

  test("refuses an option that it does not have in one line, for npm wherever", async () => {
    const launcher = join(packageRoot, "scripts/run.cjs");
    expect(await execa(process.execPath, [launcher, file, "--nonsense"], elsewhere)).toMatchObject({
      stdout: "",
      stderr: `${name}: Unknown option '--nonsense'\n  help: ${invocationOf(name)} -- --help`,
      exitCode: 2,
    });
  });
});
