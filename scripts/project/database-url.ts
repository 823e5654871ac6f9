import { connect } from "node:net";
import postgres from "postgres";
import { CommandError, UsageError } from "./command.ts";
import { readSettings } from "./settings.ts";

export const databaseUrlOption = {
  type: "string",
  value: "URL",
  description: "the database (default: the local stack)",
} as const;

/**
 * Returns the URL of the database that a command works on. The default is the local stack, started
 * by `npm start` or by `supabase start`: both use the same port.
 *
 * @param named the URL that the user has passed, if any
 * @throws UsageError when that is not a Postgres URL; CommandError when there is no URL and no
 *   local stack is running
 */
export async function resolveDatabaseUrl(named: string | undefined): Promise<string> {
  if (named !== undefined) return checkDatabaseUrl(named);
  const { dbPort } = readSettings();
  if (!(await isListening(dbPort))) {
    throw new CommandError("the local stack is not running", "start it: npm start -- --detach");
  }
  return localDatabaseUrl(dbPort);
}

/** Returns the URL of a local stack's database, for `npm start` and for `supabase start`. */
export function localDatabaseUrl(port: number): string {
  return `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
}

/** Returns true when a process on this machine listens on the port. */
export function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

/**
 * Returns the URL unchanged when it is a Postgres URL.
 *
 * @throws UsageError otherwise
 */
export function checkDatabaseUrl(url: string): string {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  // The message does not repeat the URL, because the URL contains a password.
  throw new UsageError(
    "this is not a postgresql:// URL (write special characters in the password like %23)",
  );
}

/** Returns true when the database is on this machine. */
export function isLocal(databaseUrl: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(databaseUrl).hostname);
}

/** Opens one connection for a command. A connection to another machine is encrypted. */
export function connectTo(databaseUrl: string, options: postgres.Options<never> = {}) {
  const says = /[?&]ssl/.test(databaseUrl);
  return postgres(databaseUrl, {
    max: 1,
    // Clients of a pooler or of the embedded stack share named statements.
    prepare: false,
    onnotice: () => {},
    ...(isLocal(databaseUrl) || says ? {} : { ssl: "require" as const }),
    ...options,
  });
}

/**
 * Connects to a database, calls a function with the connection, and always disconnects afterwards.
 */
export async function withConnection<T>(
  databaseUrl: string,
  use: (sql: postgres.Sql) => Promise<T>,
): Promise<T> {
  const sql = connectTo(databaseUrl);
  try {
    return await use(sql);
  } finally {
    await sql.end();
  }
}

/** Returns the user, host and name of a database, without the password. */
export function nameOf(databaseUrl: string): string {
  const { username, host, pathname } = new URL(databaseUrl);
  return `${username}@${host}${pathname}`;
}
