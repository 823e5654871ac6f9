import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { CommandError } from "../../project/command.ts";
import { withConnection } from "../../project/database-url.ts";
import { installAuth, installPlatform } from "../platform.ts";

/** A database with the roles of the hosted platform, each with its own way in. */
export interface HostedDatabase {
  /** Of `postgres`, who owns it and migrates it, and is no superuser. */
  owner: string;
  /** Of `authenticator`, who can do nothing but take on the role of a caller. */
  rest: string;
  /** Of `supabase_auth_admin`, who owns the schema `auth`, and nothing else. */
  auth: string;
  /** Of the server's superuser, who on the hosted platform is not the project's. */
  superuser: string;
  /**
   * A copy, made in a fraction of the time, in the place of another that was dropped or in a new one.
   * Nobody may be connected to the original.
   */
  copy: (place?: HostedDatabase) => Promise<HostedDatabase>;
  drop: () => Promise<void>;
}

/** Where pg_cron lives: it serves one database of a server. */
const CRON_DATABASE = "postgres";

/** How the others are called; what a killed run has left is known by it. */
const PREFIX = "stack_";

/** How those are called that others are copied from. */
const PREPARED = "prepared_";

/**
 * Makes a database as the hosted platform hands it to a new project.
 *
 * @param serverUrl of a superuser who is not called `postgres`
 * @param options.cron take the one database that pg_cron works in, and drop what it holds
 * @param options.name its name, if not a new one; a database of this name is dropped
 * @throws CommandError when the server cannot have the hosted platform's roles
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
 * A new database as {@link createHostedDatabase} makes it, with what else is needed: a copy of one that
 * was prepared before, or is now.
 *
 * @param key differs when what is prepared does
 * @param prepare completes it, by way of its URLs
 */
export async function copyPreparedDatabase(
  serverUrl: string,
  key: string,
  prepare: (database: HostedDatabase) => Promise<unknown>,
): Promise<HostedDatabase> {
  const name = `${PREPARED}${key}`;
  await withConnection(serverUrl, async (sql) => {
    // Several runs may want it at the same time: one of them makes it.
    await sql`select pg_advisory_lock(hashtext(${PREPARED}))`;
    const [found] = await sql`select from pg_database where datname = ${name}`;
    if (found) return;
    const unfinished = await createHostedDatabase(serverUrl, { name: `${name}_unfinished` });
    await prepare(unfinished);
    await sql`alter database ${sql(`${name}_unfinished`)} rename to ${sql(name)}`;
  });
  return hostedDatabase(serverUrl, name).copy();
}

/** One that was made before, by its name. */
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
  // What a crash would lose, no test misses.
  await sql`alter database ${sql(name)} set synchronous_commit to off`;
  await sql`grant create on database ${sql(name)} to supabase_auth_admin`;
}

function newName(): string {
  return `${PREFIX}${randomUUID().replaceAll("-", "").slice(0, 12)}`;
}

/**
 * Drops the databases of runs that were killed, and those prepared for other migrations.
 *
 * @param key of {@link copyPreparedDatabase}, for the run that follows
 */
export async function dropAbandonedDatabases(serverUrl: string, key: string): Promise<void> {
  await withConnection(serverUrl, async (sql) => {
    await dropUnused(sql, `${PREFIX}%`);
    await dropUnused(sql, `${PREPARED}%`, `${PREPARED}${key}`);
  });
}

/** Drops the databases with such a name that nobody is connected to. */
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
      `the server's login ${login?.name} must be a superuser with another name than postgres`,
      "who migrates is called postgres and is none, as on the hosted platform",
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
