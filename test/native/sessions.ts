import pg from "pg";
import { inject } from "vitest";
import { asOwner } from "../support/clients.ts";

/** Who makes a request, as the API knows it from the token; or who maintains. */
export interface Caller {
  role: "authenticated" | "service_role" | "postgres";
  account?: string;
}

/**
 * One session of the database, which makes one request after the other. When it is ended from
 * outside, the next request gets a new one.
 *
 * With `pg`, since a connection that ends while it writes takes the process of `postgres` along
 * (porsager/postgres#1154).
 */
export class Session {
  #client: Promise<pg.Client> | undefined;

  /**
   * @param name by which the database knows it
   * @param login as who: by default, as the REST half of the API
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

/** True for the error of a request whose session was ended: it may have been committed, or not. */
export function isEnded(error: unknown): boolean {
  const { code, message } = error as { code?: string; message: string };
  return code === "57P01" || /Connection terminated|ECONNRESET|not queryable/.test(message);
}

/** Ends one of the sessions of a name in the middle of what it does. */
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
