import { setTimeout } from "node:timers/promises";
import type { Sql } from "postgres";
import { connectTo } from "../project/database-url.ts";
import type { HostedDatabase } from "../stack/server/hosted-database.ts";

/** Milliseconds between two reads of `pg_locks`. Shorter locks may be missed. */
const INTERVAL = 2;

/**
 * Measures how long other sessions hold locks that block writers. Watches only the tables that
 * exist at the start: a lock on a table created in the same transaction blocks no other session.
 */
export class LockWatch {
  /** The longest lock so far, in milliseconds. */
  longest = 0;
  readonly #since = new Map<string, number>();
  readonly #sql: Sql;
  readonly #tables: number[];
  readonly #watching: Promise<void>;
  #isStopped = false;

  private constructor(sql: Sql, tables: number[]) {
    this.#sql = sql;
    this.#tables = tables;
    this.#watching = this.#watch();
  }

  static async start(database: HostedDatabase): Promise<LockWatch> {
    const sql = connectTo(database.superuser, { prepare: true });
    const tables = await sql<{ oid: number }[]>`
      select oid::int from pg_class
      where relkind in ('r', 'm') and relnamespace in (
        select oid from pg_namespace where nspname in ('public', 'private', 'auth')
      )`;
    return new LockWatch(
      sql,
      tables.map(({ oid }) => oid),
    );
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#watching;
    await this.#sql.end();
  }

  async #watch() {
    while (!this.#isStopped) {
      await this.#look();
      await setTimeout(INTERVAL);
    }
  }

  async #look() {
    const held = await this.#sql<{ lock: string }[]>`
      select concat_ws(' ', virtualtransaction, relation, mode) as lock
      from pg_locks
      where granted
        and relation = any (${this.#tables}::oid[])
        and database = (select oid from pg_database where datname = current_database())
        and mode in (
          'ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock'
        )`;
    const now = performance.now();
    const locks = new Set(held.map(({ lock }) => lock));
    for (const lock of this.#since.keys()) if (!locks.has(lock)) this.#since.delete(lock);
    for (const lock of locks) {
      const since = this.#since.get(lock) ?? now;
      this.#since.set(lock, since);
      this.longest = Math.max(this.longest, now - since);
    }
  }
}
