import { randomInt } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { isListening } from "../../scripts/project/database-url.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import type { StackEnvironment } from "../../scripts/stack/stack.ts";

type Run = ReturnType<typeof runScript>;

/** A copy of this project's `supabase/` in a temporary folder, with free ports for its stack. */
export interface Project {
  dir: string;
  /** The folder of its data, which may not exist. */
  data: string;
  apiPort: number;
  dbPort: number;
  /** Runs a script of `scripts/` on the copy, and waits until it ends. */
  run: (script: string, ...args: string[]) => Run;
  /** Writes a file below `supabase/`. */
  write: (path: string, content: string) => void;
  /** Returns the process id of its stack, or undefined when no stack runs. */
  pid: () => number | undefined;
  /** Returns the URLs and keys of its stack. */
  environment: () => StackEnvironment;
  /** Stops its stack and removes its folder. */
  remove: () => Promise<void>;
}

/**
 * Creates the copy.
 *
 * @param options.data a folder with data to start with, because opening a database is many times
 *   faster than creating and filling one
 */
export async function createProject(options: { data?: string } = {}): Promise<Project> {
  const dir = mkdtempSync(join(tmpdir(), "stack-test-"));
  cpSync(join(packageRoot, "supabase"), join(dir, "supabase"), {
    recursive: true,
    filter: (path) => !path.includes(".temp"),
  });
  const data = join(dir, ".stack/data");
  if (options.data) cpSync(options.data, data, { recursive: true });
  const [apiPort, dbPort] = [await freePort(), await freePort()];
  const config = join(dir, "supabase", "config.toml");
  const toml = readFileSync(config, "utf8");
  writeFileSync(config, withPort(withPort(toml, "api", apiPort), "db", dbPort));

  const run: Project["run"] = (script, ...args) => runScript(dir, script, args);
  const state = join(dir, ".stack/stack.json");
  const pid = () =>
    existsSync(state) ? (JSON.parse(readFileSync(state, "utf8")).pid as number) : undefined;
  return {
    dir,
    data,
    apiPort,
    dbPort,
    run,
    write: (path, content) => writeFileSync(join(dir, "supabase", path), content),
    pid,
    environment: () => JSON.parse(readFileSync(state, "utf8")).environment,
    async remove() {
      if (pid()) await run("stop");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** Returns the settings with another port in a section, which must have a port. */
function withPort(toml: string, section: "api" | "db", port: number): string {
  const setting = new RegExp(`(\\n\\[${section}\\]\\n(?:(?!\\[).*\\n)*?port = )\\d+`);
  if (!setting.test(toml)) throw new Error(`supabase/config.toml has no port in [${section}]`);
  return toml.replace(setting, `$1${port}`);
}

/** Runs a script of `scripts/` on the project in a folder, and waits until it ends. */
export function runScript(workdir: string, script: string, args: string[]) {
  return execa(process.execPath, ["scripts/run.cjs", script, ...args], {
    cwd: packageRoot,
    env: { SUPABASE_WORKDIR: workdir, NO_COLOR: "1" },
    reject: false,
    all: true,
  });
}

/** The ports that this process has returned. Their stacks may not have started yet. */
const returned = new Set<number>();

/**
 * Returns a port that no process listens on at the moment. It is below the ports that systems assign
 * themselves: other tests get those while the stack of this port has not started yet.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(15_000, 32_000);
  if (returned.has(port) || (await isListening(port))) return freePort();
  returned.add(port);
  return port;
}
