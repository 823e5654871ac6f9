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
 * The database a command works on: the one named, or else that of the local stack, whichever of the
 * two runs on its port.
 *
 * @throws UsageError when the URL is not one of Postgres; CommandError when none is given and no
 *   stack runs
 */
export async function resolveDatabaseUrl(named: string | undefined): Promise<string> {
  if (named !== undefined) return checkDatabaseUrl(named);
  const { dbPort } = readSettings();
  if (!(await isListening(dbPort))) {
    throw new CommandError("the local stack is not running", "start it: npm start -- --detach");
  }
  return localDatabaseUrl(dbPort);
}

/** The URL of a local stack's database, of either kind. */
export function localDatabaseUrl(port: number): string {
  return `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`;
}

/** True when something on this machine listens on the port. */
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
 * The URL, if it is one of Postgres.
 *
 * @throws UsageError otherwise
 */
export function checkDatabaseUrl(url: string): string {
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  // The URL itself is not repeated: it holds a password.
  throw new UsageError(
    "that is not a postgresql:// URL (special characters in a password are written like %23)",
  );
}

/** True when the database is on this machine. */
export function isLocal(databaseUrl: string): boolean {
  return ["127.0.0.1", "localhost", "[::1]"].includes(new URL(databaseUrl).hostname);
}

/** One connection to a database, for a command; encrypted when it leaves the machine. */
export function connectTo(databaseUrl: string, options: postgres.Options<never> = {}) {
  const says = /[?&]ssl/.test(databaseUrl);
  return postgres(databaseUrl, {
    max: 1,
    // A pooler, and the embedded stack, share named statements among their clients.
    prepare: false,
    onnotice: () => {},
    ...(isLocal(databaseUrl) || says ? {} : { ssl: "require" as const }),
    ...options,
  });
}

/** Connects to a database, lets it be used, and disconnects whatever comes of it. */
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

/** Which database that is, without the password. */
export function nameOf(databaseUrl: string): string {
  const { username, host, pathname } = new URL(databaseUrl);
  return `${username}@${host}${pathname}`;
}
