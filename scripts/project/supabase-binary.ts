import { createRequire } from "node:module";
import { CommandError } from "./command.ts";

/**
 * Checks that npm has installed the Supabase CLI for this system. The CLI is in an optional
 * dependency of the package `supabase`. Without this check, that package fails with a stack trace.
 *
 * @throws CommandError when the CLI is not installed
 */
export function requireSupabaseCli(): void {
  if (process.env.SUPABASE_CLI_BINARY_OVERRIDE) return;
  const system = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  // Linux has a second package, for musl. Either is sufficient.
  if ([system, `${system}-musl`].some((name) => isInstalled(`@supabase/cli-${name}`))) return;
  throw new CommandError(
    `the Supabase CLI is not installed for this system, ${system}`,
    "delete node_modules, then run: npm install --include=optional",
  );
}

/** Resolves a package in the same way as the package `supabase`. */
function isInstalled(name: string): boolean {
  try {
    const supabase = createRequire(import.meta.url).resolve("supabase/package.json");
    createRequire(supabase).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
