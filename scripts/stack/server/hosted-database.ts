import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { CommandError } from "../../project/command.ts";
import { withConnection } from "../../project/database-url.ts";
import { installAuth, installPlatform } from "../platform.ts";

/** A database with the roles of hosted Supabase. Each property is the URL for one role. */
export interface HostedDatabase {
  /** For `postgres`, which owns the database and runs the migrations, but is not a superuser. */
  owner: string;
  /** For `authenticator`, which can only switch to the role of the caller. */
  rest: string;
  /** For `supabase_auth_admin`, which owns the schema `auth` and nothing else. */
  auth: string;
  /** For the server's superuser, to which a hosted project has no access. */
  superuser: string;
  /**
   * Returns a copy, which takes a fraction of the time of a new database. The copy has a new name,
   * or the name of `place`, a database that was dropped. The original must have no connections.
   */
  copy: (place?: HostedDatabase) => Promise<HostedDatabase>;
  drop: () => Promise<void>;
}

/** The database for pg_cron, which can run in only one database of a server. */
const CRON_DATABASE = "postgres";

/** The prefix of all other database names. It identifies databases that a killed run left behind. */
const PREFIX = "stack_";

/** The prefix for databases that are prepared for copying. */
const PREPARED = "prepared_";

/**
 * Creates a database in the state of a new hosted Supabase project.
 *
 * @param serverUrl the server's URL for a superuser that is not called `postgres`
 * @param options.cron use the only database in which pg_cron can run, and drop its current content
 * @param options.name the name of the database (default: a new name). An existing database with
 *   this name is dropped
 * @throws CommandError when the server cannot have the roles of hosted Supabase
 */
export async function createHostedDatabase(
  serverUrl: string,
  options: { cron?: boolean; name?: string } = {},
): Promise<HostedDatabase> {
  const name = options.cron ? CRON_DATABASE : (options.name ?? newName());
  const database = hostedDatabase(serverUrl, name);
  await withConnection(serverUrl, async (sql) => {
    await prepareServer(sql);
    await sql`drop database if exists ${sql(name)} with (force)`;
    await createDatabase(sql, name, "template0");
  });
  await withConnection(database.superuser, async (sql) => {
    await sql.unsafe(await sqlFile("hosted-schemas.sql")).simple();
    await withConnection(database.auth, installAuth);
    await installPlatform(sql);
    await sql.unsafe(await sqlFile("hosted-grants.sql")).simple();
    if (options.cron) await sql.unsafe(await sqlFile("hosted-cron.sql")).simple();
  });
  return database;
}

/**
 * Returns a copy of a prepared database. When the server has none for this key, first creates one
 * with {@link createHostedDatabase} and prepares it.
 *
 * @param key identifies the content: different content needs a different key
 * @param prepare adds the content to a new database
 */
export async function copyPreparedDatabase(
  serverUrl: string,
  key: string,
  prepare: (database: HostedDatabase) => Promise<unknown>,
): Promise<HostedDatabase> {
  const name = `${PREPARED}${key}`;
  await withConnection(serverUrl, async (sql) => {
    // Several runs may need the database at the same time: only one of them creates it.
    await sql`select pg_advisory_lock(hashtext(${PREPARED}))`;
    const [found] = await sql`select from pg_database where datname = ${name}`;
    if (found) return;
    const unfinished = await createHostedDatabase(serverUrl, { name: `${name}_unfinished` });
    await prepare(unfinished);
    await sql`alter database ${sql(`${name}_unfinished`)} rename to ${sql(name)}`;
  });
  return hostedDatabase(serverUrl, name).copy();
}

/** Returns an existing database by its name. */
export function hostedDatabase(serverUrl: string, name: string): HostedDatabase {
  const as = (role: string) => urlOf(serverUrl, name, role);
  return {
    owner: as("postgres"),
    rest: as("authenticator"),
    auth: as("supabase_auth_admin"),
    superuser: urlOf(serverUrl, name),
    async copy(place) {
      const copy = place ? new URL(place.owner).pathname.slice(1) : newName();
      await withConnection(serverUrl, (sql) => createDatabase(sql, copy, name));
      return hostedDatabase(serverUrl, copy);
    },
    async drop() {
      await withConnection(serverUrl, async (sql) => {
        await sql`drop database if exists ${sql(name)} with (force)`;
      });
    },
  };
}

async function createDatabase(sql: Sql, name: string, template: string) {
  await sql`create database ${sql(name)} owner postgres template ${sql(template)}`;
  await sql`alter database ${sql(name)} set search_path to "$user", public, extensions`;
  await sql`alter database ${sql(name)} set timezone to 'UTC'`;
  // Tests do not need rows to survive a crash of the server.
  await sql`alter database ${sql(name)} set synchronous_commit to off`;
  await sql`grant create on database ${sql(name)} to supabase_auth_admin`;
}

function newName(): string {
  return `${PREFIX}${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}

/**
 * Drops the databases of killed runs, and prepared databases whose migrations are not the current ones.
 *
 * @param key the key that the next run passes to {@link copyPreparedDatabase}. Its database is kept
 */
export async function dropAbandonedDatabases(serverUrl: string, key: string): Promise<void> {
  await withConnection(serverUrl, async (sql) => {
    await dropUnused(sql, `${PREFIX}%`);
    await dropUnused(sql, `${PREPARED}%`, `${PREPARED}${key}`);
  });
}

/** Drops the databases that match the pattern and have no connections. */
async function dropUnused(sql: Sql, pattern: string, except = "") {
  const unused = await sql<{ name: string }[]>`
    select d.datname as name from pg_database d
    where d.datname like ${pattern} and d.datname <> ${except}
      and not exists (select from pg_stat_activity a where a.datname = d.datname)`;
  for (const { name } of unused) await sql`drop database if exists ${sql(name)}`;
}

async function prepareServer(sql: Sql) {
  const [login] = await sql<{ name: string; rolsuper: boolean }[]>`
    select rolname as name, rolsuper from pg_roles where rolname = current_user`;
  if (!login?.rolsuper || login.name === "postgres") {
    throw new CommandError(
      `the server's login ${login?.name} must be a superuser that is not called postgres`,
      "use another superuser: postgres runs the migrations, without superuser rights",
    );
  }
  await sql.unsafe(await sqlFile("hosted-roles.sql")).simple();
}

function urlOf(serverUrl: string, database: string, role?: string): string {
  const url = new URL(serverUrl);
  url.pathname = database;
  if (role) [url.username, url.password] = [role, "postgres"];
  return url.href;
}

function sqlFile(name: string): Promise<string> {
  return readFile(new URL(name, import.meta.url), "utf8");
}
