import type { Sql, UnsafeQueryOptions } from "postgres";
import { connectTo } from "../project/database-url.ts";
import type { HostedDatabase } from "../stack/server/hosted-database.ts";
import { milliseconds } from "./measure.ts";

/**
 * The role of a statement: the table owner, to whom no policy applies, a signed-in account, or the
 * backend.
 */
type Identity = "owner" | "service" | { account: string };

/** A statement with parameters $1, $2 …, and their values for the n-th execution. */
interface Statement {
  text: string;
  values: (n: number) => string[];
}

/** A statement that is measured in a transaction. */
export interface Work extends Statement {
  as: Identity;
  /** Statements that the owner runs first, e.g. to change the schema. They are rolled back. */
  setup?: string;
  /** A query that the backend runs to read the changes of one execution. */
  effects?: Statement;
}

/** Prepares statements even without values. A simple query would be planned each time. */
const PREPARED = { prepare: true, simple: false } as UnsafeQueryOptions;

/** A connection to a database that runs work in transactions and rolls them back. */
export class Session {
  #sql: Sql;
  readonly #prepared = new Map<string, string>();

  constructor(readonly database: HostedDatabase) {
    this.#sql = this.#connect();
  }

  close(): Promise<void> {
    return this.#sql.end();
  }

  /** Runs work that needs a database without connections. */
  async whileClosed<T>(work: (database: HostedDatabase) => Promise<T>): Promise<T> {
    await this.close();
    this.#prepared.clear();
    try {
      return await work(this.database);
    } finally {
      this.#sql = this.#connect();
    }
  }

  #connect(): Sql {
    const options = { prepare: true, idle_timeout: 0, max_lifetime: null };
    return connectTo(this.database.owner, options);
  }

  /** Runs a query as the owner and returns its rows. */
  query<Row extends object>(text: string): Promise<Row[]> {
    return this.#sql.unsafe<Row[]>(text).simple() as unknown as Promise<Row[]>;
  }

  /**
   * Returns the milliseconds of each execution, measured by the client: from sending a prepared
   * statement to receiving its rows.
   */
  time(work: Work, executions: number): Promise<number[]> {
    return this.#each(work, executions, (n) => milliseconds(() => this.#execute(work, n)));
  }

  /** Returns the milliseconds that the server spends on planning and executing, per execution. */
  serverTime(work: Work, executions: number): Promise<number[]> {
    return this.#each(work, executions, (n) => this.#explain(work, n));
  }

  /** Returns the bytes of write-ahead log of each execution. */
  wal(work: Work, executions: number): Promise<number[]> {
    return this.#each(work, executions, async (n) => {
      const before = await this.#walPosition();
      await this.#execute(work, n);
      return (await this.#walPosition()) - before;
    });
  }

  /** Executes the work once and returns its rows, or the rows that it changed. */
  async outcome(work: Work): Promise<object[]> {
    return this.#within(work, async () => {
      const rows = await this.#execute(work, 0);
      if (!work.effects) return rows;
      await this.query("set local role service_role");
      return this.#execute(work.effects, 0);
    });
  }

  /** Returns the rows of each execution. */
  outcomes<Row extends object>(work: Work, executions: number): Promise<Row[][]> {
    return this.#each(work, executions, (n) => this.#execute(work, n) as Promise<Row[]>);
  }

  /** Returns the result of each execution. */
  #each<T>(work: Work, executions: number, execute: (n: number) => Promise<T>): Promise<T[]> {
    return this.#within(work, async () => {
      const results: T[] = [];
      for (let n = 0; n < executions; n += 1) results.push(await execute(n));
      return results;
    });
  }

  async #within<T>({ as, setup }: Work, run: () => Promise<T>): Promise<T> {
    await this.query("begin");
    try {
      if (setup) await this.query(setup);
      if (as === "service") await this.query("set local role service_role");
      else if (as !== "owner") await this.query(signIn(as.account));
      return await run();
    } finally {
      await this.query("rollback");
    }
  }

  async #explain(statement: Statement, n: number): Promise<number> {
    const execute = await this.#executeOf(statement, n);
    const [row] = await this.query<{ "QUERY PLAN": Plan[] }>(
      `explain (analyze, timing off, format json) ${execute}`,
    );
    const plan = row?.["QUERY PLAN"][0];
    return plan ? plan["Planning Time"] + plan["Execution Time"] : Number.NaN;
  }

  async #execute({ text, values }: Statement, n: number): Promise<object[]> {
    return [...(await this.#sql.unsafe<object[]>(text, values(n), PREPARED))];
  }

  async #executeOf({ text, values }: Statement, n: number): Promise<string> {
    const name = this.#prepared.get(text) ?? `work_${this.#prepared.size + 1}`;
    if (!this.#prepared.has(text)) {
      await this.query(`prepare ${name} as ${text}`);
      this.#prepared.set(text, name);
    }
    const list = values(n).map((value) => `'${value.replaceAll("'", "''")}'`);
    return `execute ${name}${list.length > 0 ? `(${list.join(", ")})` : ""}`;
  }

  async #walPosition(): Promise<number> {
    const [row] = await this.query<{ position: string }>(
      "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0') as position",
    );
    return Number(row?.position);
  }
}

type Plan = { "Planning Time": number; "Execution Time": number };

function signIn(account: string): string {
  return `set local role authenticated;
    select set_config('request.jwt.claim.sub', '${account}', true)`;
}
