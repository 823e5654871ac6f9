import { inspect } from "node:util";
import { CommandError } from "../project/command.ts";
import { connectTo, withConnection } from "../project/database-url.ts";
import { appliedMigrations, listMigrations } from "../project/migrations.ts";
import { describeRefusal } from "../project/refusal.ts";
import { wasSeeded } from "../project/seeded.ts";
import { readSettings, type StackSettings } from "../project/settings.ts";
import { requireSupabaseCli } from "../project/supabase-binary.ts";
import { pushMigrations } from "../project/supabase-cli.ts";
import type { Api, ApiLogins } from "./api/api.ts";
import { installAuth, installPlatform } from "./platform.ts";
import { findPortUser } from "./port-user.ts";
import { preparedDataDir, preparedKey } from "./prepared.ts";
import { copyPreparedDatabase, createHostedDatabase } from "./server/hosted-database.ts";

/** The URLs and keys of a stack, with the names that `supabase status -o json` uses. */
export interface StackEnvironment {
  API_URL: string;
  DB_URL: string;
  PUBLISHABLE_KEY: string;
  SECRET_KEY: string;
  JWT_SECRET: string;
}

export interface Stack {
  environment: StackEnvironment;
  /** The error of the migrations or the seed, if any. The stack runs without them. */
  migrationError: CommandError | undefined;
  onCrash: (callback: (error: Error) => void) => void;
  close: () => Promise<void>;
}

interface StackOptions {
  /** The folder for the data; by default, the data is in memory. */
  dataDir?: string | undefined;
  settings?: StackSettings;
  /** Apply the migrations that the database does not have yet. */
  migrate?: boolean;
  /** With `migrate`: also load the seed, unless it was loaded before. */
  seed?: boolean;
  onProgress?: (step: string) => void;
  /** Called with the text of each email, because none is sent; by default, it is printed. */
  onEmail?: (email: string) => void;
}

/** A database with the roles and schemas of a new hosted Supabase project, on either engine. */
interface StackDatabase {
  /** The URL for the role that runs the migrations. */
  url: string;
  logins: ApiLogins;
  /** Calls the function whenever the schema may have changed. */
  onSchemaChange: (callback: () => void) => unknown;
  onCrash: (callback: (error: Error) => void) => void;
  close: () => Promise<void>;
}

/**
 * Starts the embedded stack: Postgres as WebAssembly on one loopback port, and the API on another.
 * The Supabase CLI pushes the migrations. `npm start` and the tests call this function.
 *
 * @throws CommandError when a port is taken or the data folder cannot be opened
 */
export function startStack(options: StackOptions = {}): Promise<Stack> {
  const settings = options.settings ?? readSettings();
  return startStackOn(() => openEmbedded(options, settings), options, settings);
}

/**
 * Starts a stack on free ports, with the migrations and no other content. Tests and generators use
 * it, so that they do not change the developer's stack. The data is in memory, or in a separate
 * database on the server in `NATIVE_POSTGRES_URL`.
 *
 * @param options.migrate false for a database without the migrations, same as a new hosted project
 * @param options.cron with pg_cron, if the server has it; only one such stack can run at a time
 * @throws CommandError when a migration fails
 */
export async function startTemporaryStack(
  options: { migrate?: boolean; cron?: boolean } = {},
): Promise<Stack> {
  const settings = { ...readSettings(), apiPort: 0, dbPort: 0 };
  const server = process.env.NATIVE_POSTGRES_URL;
  const { migrate = true, cron = false } = options;
  // With pg_cron, the migrations must run in this database, because they also schedule its jobs.
  const isPrepared = migrate && !cron;
  const stack = await startStackOn(
    async () => {
      if (server) return openNative(server, { cron, isPrepared });
      const archive = isPrepared ? await prepareEmbedded(settings) : undefined;
      return openEmbedded({}, settings, archive);
    },
    { migrate: migrate && !isPrepared },
    settings,
  );
  if (!stack.migrationError) return stack;
  await stack.close();
  throw stack.migrationError;
}

/** Returns the data of an embedded database with the roles, schemas and migrations. */
async function prepareEmbedded(settings: StackSettings): Promise<Blob> {
  return preparedDataDir("migrated", async () => {
    const { startEmbeddedPostgres } = await import("./engine/embedded-postgres.ts");
    const engine = await startEmbeddedPostgres({ port: settings.dbPort });
    try {
      await preparePlatform(engine.url);
      await pushMigrations({ databaseUrl: engine.url });
      return await engine.dump();
    } finally {
      await engine.close();
    }
  });
}

async function startStackOn(
  open: () => Promise<StackDatabase>,
  options: StackOptions,
  settings: StackSettings,
): Promise<Stack> {
  if (options.migrate) requireSupabaseCli();
  // Loaded on demand, same as the engine below: both are large, and --help does not need them.
  const { startApi } = await import("./api/api.ts");
  const api = await withPort(settings.apiPort, "api", () => startApi(settings, options.onEmail));
  let database: StackDatabase | undefined;
  try {
    database = await open();
    const migrationError = options.migrate ? await migrate(database.url, options) : undefined;
    await database.onSchemaChange(api.markSchemaStale);
    api.connect(database.logins);
    return stackOf(api, database, settings, migrationError);
  } catch (error) {
    await api.close();
    await database?.close();
    throw error;
  }
}

async function openNative(
  serverUrl: string,
  { cron, isPrepared }: { cron: boolean; isPrepared: boolean },
): Promise<StackDatabase> {
  const { owner, rest, auth, drop } = isPrepared
    ? await copyPreparedDatabase(serverUrl, preparedKey(), (made) =>
        pushMigrations({ databaseUrl: made.owner }),
      )
    : await createHostedDatabase(serverUrl, { cron });
  const notifications = connectTo(owner);
  return {
    url: owner,
    logins: { rest, auth, catalog: owner },
    // PostgREST listens on the same channel.
    onSchemaChange: (callback) => notifications.listen("pgrst", callback),
    onCrash: () => {},
    async close() {
      await notifications.end();
      await drop();
    },
  };
}

async function openEmbedded(
  options: StackOptions,
  settings: StackSettings,
  archive?: Blob,
): Promise<StackDatabase> {
  const { url, onForeignWork, onCrash, close } = await startEmbedded(options, settings, archive);
  try {
    if (!archive) await preparePlatform(url);
  } catch (error) {
    await close();
    throw error;
  }
  const logins = { rest: url, auth: url, catalog: url };
  return { url, logins, onSchemaChange: onForeignWork, onCrash, close };
}

async function startEmbedded(
  { dataDir, onProgress }: StackOptions,
  settings: StackSettings,
  archive?: Blob,
) {
  onProgress?.("Starting Postgres …");
  const { startEmbeddedPostgres } = await import("./engine/embedded-postgres.ts");
  try {
    return await withPort(settings.dbPort, "db", () =>
      startEmbeddedPostgres({ dataDir, archive, port: settings.dbPort }),
    );
  } catch (error) {
    if (error instanceof CommandError || dataDir === undefined) throw error;
    // The data is not the cause, so do not recommend db:reset, which would delete it.
    if (describeRefusal(error)) throw error;
    const reason = error instanceof Error ? error.message : inspect(error);
    throw new CommandError(
      `the data in ${dataDir} cannot be opened: ${reason}`,
      "run: npm run db:reset (deletes the data and creates it again)",
    );
  }
}

async function preparePlatform(databaseUrl: string) {
  await withConnection(databaseUrl, async (sql) => {
    await installAuth(sql);
    await installPlatform(sql);
  });
}

/**
 * Pushes the migrations. Returns an error instead of throwing it, so that the stack can still run.
 */
async function migrate(databaseUrl: string, options: StackOptions) {
  const seed = options.seed === true && !(await wasSeeded(databaseUrl));
  // The CLI would find out the same, but takes a second.
  if (!seed && (await isUpToDate(databaseUrl))) return;
  options.onProgress?.(
    seed ? "Applying the migrations and the seed …" : "Applying new migrations …",
  );
  try {
    await pushMigrations({ databaseUrl, seed });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const command = seed ? "npm run db:push -- --seed" : "npm run db:push";
    return new CommandError(error.message, `fix the file, then run: ${command}`);
  }
}

/** Returns true when a database has exactly the migrations of the project. */
async function isUpToDate(databaseUrl: string): Promise<boolean> {
  const applied = await withConnection(databaseUrl, appliedMigrations).catch(() => []);
  return applied.length > 0 && applied.length === listMigrations().length;
}

function stackOf(
  api: Api,
  database: StackDatabase,
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
    const { who, remedy } = await findPortUser(port, section === "api");
    throw new CommandError(
      `port ${port} is taken${who}`,
      `${remedy}, or set another port in supabase/config.toml, [${section}]`,
    );
  }
}
