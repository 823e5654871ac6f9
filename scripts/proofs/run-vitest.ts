import { execa } from "execa";
import { packageRoot } from "../project/settings.ts";

/**
 * Runs tests in this terminal; the command then ends as they do.
 *
 * @param args what to run, as vitest takes it
 * @param env variables for the tests; undefined takes one away
 */
export async function runVitest(
  args: string[],
  env: Record<string, string | undefined>,
): Promise<void> {
  const { exitCode } = await execa("vitest", ["run", ...args], {
    preferLocal: true,
    localDir: packageRoot,
    cwd: packageRoot,
    stdio: "inherit",
    env,
    reject: false,
  });
  process.exitCode = exitCode ?? 1;
}
