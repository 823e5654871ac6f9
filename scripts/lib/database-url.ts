import { CommandError } from "./command.ts";
import { runningStack } from "./stack-state.ts";

export const databaseUrlOption = {
  type: "string",
  value: "URL",
  description: "the database (default: the local stack)",
} as const;

/**
 * The database a command works on: the one named, or else the running local stack's.
 *
 * @throws CommandError when no URL is given and no stack runs, or the URL is not one of Postgres
 */
export async function resolveDatabaseUrl(named: string | undefined): Promise<string> {
  if (named !== undefined) {
    if (!/^postgres(ql)?:\/\//.test(named) || !URL.canParse(named)) {
      throw new CommandError(`${named} is not a postgresql:// URL`);
    }
    return named;
  }
  const environment = (await runningStack())?.environment;
  if (!environment) {
    throw new CommandError("the local stack is not running", "start it: npm start -- --detach");
  }
  return environment.DB_URL;
}

/** True when the database is on this machine. */
export function isLocal(databaseUrl: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(databaseUrl).hostname);
}
