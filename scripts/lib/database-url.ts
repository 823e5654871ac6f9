import { UsageError } from "./command.ts";
import { requireStack } from "./stack-state.ts";

export const databaseUrlOption = {
  type: "string",
  value: "URL",
  description: "the database (default: the local stack)",
} as const;

/**
 * The database a command works on: the one named, or else the running local stack's.
 *
 * @throws UsageError when the URL is not one of Postgres; CommandError when none is given and no
 *   stack runs
 */
export async function resolveDatabaseUrl(named: string | undefined): Promise<string> {
  return named === undefined ? (await requireStack()).DB_URL : checkDatabaseUrl(named);
}

/**
 * The URL, if it is one of Postgres.
 *
 * @throws UsageError otherwise
 */
export function checkDatabaseUrl(url: string): string {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  throw new UsageError(`${url} is not a postgresql:// URL`);
}

/** True when the database is on this machine. */
export function isLocal(databaseUrl: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(databaseUrl).hostname);
}
