import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { packageRoot } from "../../scripts/project/settings.ts";
import type { StackEnvironment } from "../../scripts/stack/stack.ts";

type Run = ReturnType<typeof runScript>;

/** A copy of this project's `supabase/` in a folder of its own, with its stack on free ports. */
export interface Project {
  dir: string;
  /** The folder with its data, where there is any. */
  data: string;
  apiPort: number;
  dbPort: number;
  /** Runs a script of `scripts/` in the copy, and waits for its end. */
  run: (script: string, ...args: string[]) => Run;
  /** Writes a file below `supabase/`. */
  write: (path: string, content: string) => void;
  /** The process of its stack, as long as there is one. */
  pid: () => number | undefined;
  /** How to reach its stack. */
  environment: () => StackEnvironment;
  /** Stops its stack and removes its folder. */
  remove: () => Promise<void>;
}

/**
 * Makes the copy.
 *
 * @param options.data the folder with the data to start with: making a database and filling it takes
 *   many times as long as opening one
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

/** The settings with another port in a section, which must have one. */
function withPort(toml: string, section: "api" | "db", port: number): string {
  const setting = new RegExp(`(\\n\\[${section}\\]\\n(?:(?!\\[).*\\n)*?port = )\\d+`);
  if (!setting.test(toml)) throw new Error(`supabase/config.toml has no port in [${section}]`);
  return toml.replace(setting, `$1${port}`);
}

/** Runs a script of `scripts/` on the project in a folder, and waits for its end. */
export function runScript(workdir: string, script: string, args: string[]) {
  return execa(process.execPath, ["scripts/run.cjs", script, ...args], {
    cwd: packageRoot,
    env: { SUPABASE_WORKDIR: workdir, NO_COLOR: "1" },
    reject: false,
    all: true,
  });
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
