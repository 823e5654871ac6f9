import pg from "pg";
import type { ISql as Sql } from "postgres";
import { inject, vi } from "vitest";
import { asOwner } from "../support/clients.ts";

/** The caller of a request, which the API reads from the token; or the role that maintains. */
export interface Caller {
  role: "authenticated" | "service_role" | "postgres";
  account?: string;
}

/**
 * A database session that makes one request after the other. If another session ends it, the next
 * request opens a new one.
 *
 * Uses `pg`, because the package `postgres` crashes the process when a connection ends while it
 * writes (porsager/postgres#1154).
 */
export class Session {
  #client: Promise<pg.Client> | undefined;

  /**
   * @param name the application name of the session
   * @param login the login role; by default, that of the REST API
   */
  constructor(
    readonly name: string,
    readonly login = "authenticator",
  ) {}

  /** Runs a statement as PostgREST does: in one transaction, in the role of its caller. */
  async request<Row>(caller: Caller, statement: string, values: unknown[] = []): Promise<Row[]> {
    this.#client ??= this.#connect();
    const client = await this.#client;
    try {
      await client.query("begin");
      await client.query(
        `select set_config('role', $1, true), set_config('request.jwt.claims', $2, true),
           set_config('request.jwt.claim.sub', $3, true)`,
        [caller.role, JSON.stringify({ sub: caller.account }), caller.account ?? ""],
      );
      const { rows } = await client.query(statement, values);
      await client.query("commit");
      return rows;
    } catch (error) {
      await client.query("rollback").catch(() => this.#forget(client));
      throw error;
    }
  }

  async end(): Promise<void> {
    await (await this.#client)?.end();
  }

  async #connect(): Promise<pg.Client> {
    const url = new URL(inject("stack").DB_URL);
    url.username = this.login;
    const client = new pg.Client({ connectionString: url.href, application_name: this.name });
    client.on("error", () => this.#forget(client));
    await client.connect();
    return client;
  }

  #forget(client: pg.Client) {
    this.#client = undefined;
    client.end().catch(() => {});
  }
}

/** Returns whether a request failed because its session ended. It may still have committed. */
export function isEnded(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  return code === "57P01" || /Connection terminated|ECONNRESET|not queryable/.test(message);
}

/** Ends a random session with this name that is not idle. */
export async function killOne(name: string): Promise<void> {
  await asOwner()`
    select pg_terminate_backend(pid)
    from (
      select pid from pg_stat_activity
      where datname = current_database() and application_name = ${name} and state <> 'idle'
      order by random()
      limit 1
    ) victim`;
}

/** Waits until another transaction waits for a lock, or the work is done without. */
export async function untilBlocked(sql: Sql, work: Promise<unknown>): Promise<void> {
  let done = false;
  const ended = () => {
    done = true;
  };
  work.then(ended, ended);
  const isBlocked = async () => {
    const [row] = await sql<{ waiting: number }[]>`
      select count(*)::int as waiting from pg_locks
      where not granted and pid in (
        select pid from pg_stat_activity where datname = current_database()
      )`;
    return done || row?.waiting === 1;
  };
  await vi.waitUntil(isBlocked, { timeout: 20_000 });
}

/** Sends a request in every session at once. Returns "done" or an error code for each. */
export async function outcomesOf(
  sessions: Session[],
  request: (session: Session, i: number) => Promise<unknown>,
): Promise<string[]> {
  return Promise.all(
    sessions.map((session, i) =>
      request(session, i).then(
        () => "done",
        (error: { code: string }) => error.code,
      ),
    ),
  );
}
