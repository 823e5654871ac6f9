import { createRequire } from "node:module";
import { CommandError } from "./command.ts";

/**
 * Looks whether npm has installed the Supabase CLI for this system: it is in an optional dependency of
 * the package `supabase`, whose own complaint is a stack trace.
 *
 * @throws CommandError when it has not
 */
export function requireSupabaseCli(): void {
  if (process.env.SUPABASE_CLI_BINARY_OVERRIDE) return;
  const system = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  // Of Linux, there is one more for musl: either will do.
  if ([system, `${system}-musl`].some((name) => isInstalled(`@supabase/cli-${name}`))) return;
  throw new CommandError(
    `the Supabase CLI is not installed for this system, ${system}`,
    "delete node_modules, then run: npm install --include=optional",
  );
}

/** Looks where the package `supabase` would. */
function isInstalled(name: string): boolean {
  try {
    const supabase = createRequire(import.meta.url).resolve("supabase/package.json");
    createRequire(supabase).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}
