import { type Api, startApi } from "./api.ts";
import { CommandError } from "./command.ts";
import { connectTo } from "./database-url.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { installPlatform } from "./platform.ts";
import { describePortUser } from "./port-user.ts";
import { readSettings, type StackSettings } from "./settings.ts";
import { pushMigrations } from "./supabase-cli.ts";

/** How to reach a stack, under the names that `supabase status -o json` uses. */
export interface StackEnvironment {
  API_URL: string;
  DB_URL: string;
  PUBLISHABLE_KEY: string;
  SECRET_KEY: string;
  JWT_SECRET: string;
}

export interface Stack {
  environment: StackEnvironment;
  /** What kept the migrations or the seed from being applied; the stack runs all the same. */
  migrationError: CommandError | undefined;
  onCrash: (callback: (error: Error) => void) => void;
  close: () => Promise<void>;
}

interface StackOptions {
  /** Where the data is kept; without it, in memory. */
  dataDir?: string | undefined;
  settings?: StackSettings;
  /** Apply the migrations that the database does not have yet. */
  migrate?: boolean;
  /** With them, load the seed into a database that never had it. */
  seed?: boolean;
  onProgress?: (step: string) => void;
}

/**
 * Starts the embedded stack: Postgres as WebAssembly on one loopback port, the API on another, the
 * migrations pushed by the Supabase CLI. `npm start` and the tests both start it here.
 *
 * @throws CommandError when a port is taken or the data folder cannot be opened
 */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const settings = options.settings ?? readSettings();

  const api = await withPort(settings.apiPort, "api", () => startApi(settings));
  let database: EmbeddedPostgres | undefined;
  try {
    database = await openDatabase(options, settings);
    const isSeeded = await preparePlatform(database.url);
    const migrationError = options.migrate
      ? await migrate(database.url, options.seed === true && !isSeeded, options)
      : undefined;
    database.onForeignWork(api.markSchemaStale);
    api.connect(database.url);
    return stackOf(api, database, settings, migrationError);
  } catch (error) {
    await api.close();
    await database?.close();
    throw error;
  }
}

/**
 * Starts a stack in memory on free ports, with the migrations and nothing else: for tests and
 * generators, which must not meet the stack that somebody works with.
 *
 * @throws CommandError when a migration fails
 */
export async function startTemporaryStack(): Promise<Stack> {
  const settings = { ...readSettings(), apiPort: 0, dbPort: 0 };
  const stack = await startStack({ settings, migrate: true });
  if (!stack.migrationError) return stack;
  await stack.close();
  throw stack.migrationError;
}

async function openDatabase({ dataDir, onProgress }: StackOptions, settings: StackSettings) {
  onProgress?.("Starting Postgres …");
  try {
    return await withPort(settings.dbPort, "db", () =>
      startEmbeddedPostgres({ dataDir, port: settings.dbPort }),
    );
  } catch (error) {
    if (error instanceof CommandError || dataDir === undefined) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(
      `the data in ${dataDir} cannot be opened: ${reason}`,
      "run: npm run db:reset (deletes it and starts anew)",
    );
  }
}

/** Makes what migrations expect of the platform; tells whether the seed was ever loaded. */
async function preparePlatform(databaseUrl: string): Promise<boolean> {
  const sql = connectTo(databaseUrl);
  try {
    await installPlatform(sql);
    const [row] = await sql`select to_regclass('supabase_migrations.seed_files') as seeds`;
    return row?.seeds !== null;
  } finally {
    await sql.end();
  }
}

/** Pushes, and returns the error if that fails: the stack is there to find out why. */
async function migrate(databaseUrl: string, seed: boolean, { onProgress }: StackOptions) {
  onProgress?.(seed ? "Applying the migrations and the seed …" : "Applying new migrations …");
  try {
    await pushMigrations({ databaseUrl, seed });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const command = seed ? "npm run db:push -- --seed" : "npm run db:push";
    return new CommandError(error.message, `correct the file, then: ${command}`);
  }
}

function stackOf(
  api: Api,
  database: EmbeddedPostgres,
  settings: StackSettings,
  migrationError: CommandError | undefined,
): Stack {
  return {
    environment: {
      API_URL: api.url,
      DB_URL: database.url,
      PUBLISHABLE_KEY: settings.publishableKey,
      SECRET_KEY: settings.secretKey,
      JWT_SECRET: settings.jwtSecret,
    },
    migrationError,
    onCrash: database.onCrash,
    async close() {
      await api.close();
      await database.close();
    },
  };
}

async function withPort<T>(port: number, section: "api" | "db", bind: () => Promise<T>) {
  try {
    return await bind();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    throw new CommandError(
      `port ${port} is taken${await describePortUser(port)}`,
      `stop it, or set another port in supabase/config.toml, [${section}]`,
    );
  }
}
