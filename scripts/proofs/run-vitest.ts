import { execa } from "execa";
import { packageRoot } from "../project/settings.ts";

/**
 * Runs tests in this terminal and sets the exit code of the command to that of vitest.
 *
 * @param args the arguments of `vitest run`
 * @param env variables for the tests; `undefined` removes a variable
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
