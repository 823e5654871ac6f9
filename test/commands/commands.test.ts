import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { beforeAll, describe, expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

const { scripts } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};

/** The files of `scripts/`, each with its name in package.json. */
const commands = readdirSync(join(packageRoot, "scripts"))
  .filter((file) => file.endsWith(".ts"))
  .map((file) => file.slice(0, -".ts".length))
  .map((file) => [file, file.replace("-", ":")] as const);

/** Returns every option that the source of a script declares. */
function optionsOf(file: string): string[] {
  const source = readFileSync(join(packageRoot, "scripts", `${file}.ts`), "utf8");
  const declared = /"?([a-z-]+)"?: (?:\{\s*(?:type: "|\.\.\.databaseUrl)|databaseUrlOption)/g;
  return [...source.matchAll(declared)].map(([, name]) => name as string);
}

/** Returns the command as the README writes it. */
const invocationOf = (name: string) =>
  ["start", "stop"].includes(name) ? `npm ${name}` : `npm run ${name}`;

/** Runs a command in a folder outside the repository. */
const elsewhere = { cwd: tmpdir(), env: { NO_COLOR: "1" }, reject: false } as const;

interface Ended {
  stdout: string;
  stderr: string;
  exitCode: number;
}

/** Returns how each command ends with an option. All run in one process to save time. */
async function runEach(option: string): Promise<Record<string, Ended>> {
  const runner = fileURLToPath(new URL("run-each.ts", import.meta.url));
  const files = commands.map(([file]) => join(packageRoot, "scripts", `${file}.ts`));
  const local = { ...elsewhere, reject: true, preferLocal: true, localDir: packageRoot };
  const { stdout } = await execa("tsx", [runner, option, ...files], local);
  return JSON.parse(stdout);
}

test("every script is a command of package.json, which runs it through the launcher", () => {
  for (const [file, name] of commands) expect(scripts[name]).toBe(`node scripts/run.cjs ${file}`);
  expect(Object.values(scripts).filter((line) => /\btsx\b/.test(line))).toEqual([]);
});

describe("every command", () => {
  let helps: Record<string, Ended>;
  let refusals: Record<string, Ended>;
  beforeAll(async () => {
    [helps, refusals] = await Promise.all([runEach("--help"), runEach("--nonsense")]);
  });

  test.each(commands)("%s prints its usage and each of its options for --help", (file, name) => {
    const { stdout, stderr, exitCode } = helps[file] ?? expect.fail();
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toMatch(new RegExp(`^\\S.*\n\nusage: ${invocationOf(name)} (\\[-- |-- )`, "s"));
    const options = [...stdout.matchAll(/^ {2}--([a-z-]+)( [A-Z]+)? {2,}\S/gm)];
    expect(options.map(([, option]) => option)).toEqual([...optionsOf(file), "help"]);
  });

  test.each(commands)(
    "%s refuses an unknown option with one line and a reference to --help",
    (file, name) => {
      expect(refusals[file]).toEqual({
        stdout: "",
        stderr: `${name}: Unknown option '--nonsense'\n  help: ${invocationOf(name)} -- --help`,
        exitCode: 2,
      });
    },
  );
});

describe.concurrent("a command in a separate process, outside the repository", () => {
  test("runs with npx tsx", async () => {
    const script = join(packageRoot, "scripts/db-push.ts");
    const local = { ...elsewhere, preferLocal: true, localDir: packageRoot };
    const { stdout, stderr, exitCode } = await execa("tsx", [script, "--help"], local);
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
    expect(stdout).toContain("usage: npm run db:push");
  });

  test("runs with npm's launcher, which returns its exit code", async () => {
    const launcher = join(packageRoot, "scripts/run.cjs");
    const ended = await execa(process.execPath, [launcher, "db-push", "--nonsense"], elsewhere);
    expect(ended).toMatchObject({
      stdout: "",
      stderr: "db:push: Unknown option '--nonsense'\n  help: npm run db:push -- --help",
      exitCode: 2,
    });
  });
});
