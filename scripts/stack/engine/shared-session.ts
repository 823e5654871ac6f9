import type { PGlite } from "@electric-sql/pglite";

/** The settings of every new client. Hosted Supabase has the same. */
const SESSION_DEFAULTS = `
  set search_path = "$user", public, extensions;
  set timezone = 'UTC';
`;

const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4);
/**
 * The type and the length. The type alone is not enough: the last bytes of another answer, such as
 * the OID of a parameter, may begin with the same byte.
 */
const READY_FOR_QUERY = [0x5a, 0, 0, 0, 5];
/** The message ends with the status of the transaction, one byte. */
const READY_FOR_QUERY_SIZE = READY_FOR_QUERY.length + 1;
const IDLE = 0x49;

/**
 * Parse, Bind, Describe, Execute, Flush and Close: the answer to these does not end the exchange.
 */
const PARTS_OF_AN_EXCHANGE = new Set(Buffer.from("PBDEHC"));

interface Job {
  client: number;
  message: Uint8Array;
  onData: (data: Uint8Array) => void;
  resolve: () => void;
  reject: (error: Error) => void;
}

interface Setting {
  name: string;
  setting: string;
}

interface SharedSessionOptions {
  db: PGlite;
  /** Returns true for clients of the API, which keep no state outside their transactions. */
  isStateless: (client: number) => boolean;
  /**
   * Called after a transaction of a client other than the API, which may have changed the schema.
   */
  onForeignWork: () => void;
  /** Called when a client was idle in a transaction for too long while other clients waited. */
  onIdle: (client: number) => void;
  /** Returns the error after a statement that overflowed the stack of the engine. */
  stackOverflow: () => Error | undefined;
  /** Called when the engine has crashed. It cannot answer any more messages. */
  onCrash: (error: Error) => void;
  idleInTransactionMs: number;
}

/**
 * Shares PGlite's only session between many connections, as if each had its own. A client keeps the
 * session until the server reports it idle, at the end of the exchange or of the transaction.
 * Its settings are saved before another client's turn, and restored before its next turn.
 *
 * All clients share prepared statements, temporary tables and advisory locks. These are discarded
 * after the last client other than the API has left. Custom settings outside a transaction, such as
 * `set request.jwt.claims …`, are lost when another client takes a turn.
 */
export class SharedSession {
  readonly #options: SharedSessionOptions;
  readonly #settings = new Map<number, Setting[]>();
  readonly #foreign = new Set<number>();
  #jobs: Job[] = [];
  /** The client whose exchange or transaction is open in the session. */
  #owner: number | undefined;
  /**
   * True when the owner's exchange has failed. As on a server, the messages up to the next Sync are
   * skipped.
   */
  #isFailed = false;
  /** The client whose settings are active in the session. */
  #occupant: number | undefined;
  #hasLeftovers = false;
  #draining: Promise<void> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #crash: Error | undefined;

  constructor(options: SharedSessionOptions) {
    this.#options = options;
  }

  /**
   * Runs one protocol message of a client when the client has its turn.
   *
   * @throws the error of Postgres when the client's settings cannot be restored, or the crash of the
   *   engine
   */
  run(client: number, message: Uint8Array, onData: (data: Uint8Array) => void): Promise<void> {
    if (!this.#options.isStateless(client)) this.#foreign.add(client);
    return new Promise((resolve, reject) => {
      this.#jobs.push({ client, message, onData, resolve, reject });
      this.#drain();
    });
  }

  /**
   * Removes a client: rejects its waiting messages, rolls back its transaction, drops its settings.
   */
  async leave(client: number): Promise<void> {
    const gone = this.#jobs.filter((job) => job.client === client);
    this.#jobs = this.#jobs.filter((job) => job.client !== client);
    for (const job of gone) job.reject(new Error("the client has disconnected"));
    await this.#draining;
    if (this.#crash) return;
    if (this.#owner === client) {
      await this.#exec(SYNC, () => {});
      await this.#options.db.exec("rollback");
      this.#release(client);
    }
    if (this.#occupant === client) this.#occupant = undefined;
    this.#settings.delete(client);
    if (this.#foreign.delete(client)) this.#hasLeftovers = this.#foreign.size === 0;
    this.#drain();
  }

  #drain() {
    this.#draining ??= this.#runJobs().finally(() => {
      this.#draining = undefined;
      if (this.#nextJob() >= 0) this.#drain();
      else this.#watchOwner();
    });
  }

  #nextJob() {
    return this.#jobs.findIndex((job) => this.#owner === undefined || job.client === this.#owner);
  }

  async #runJobs() {
    for (let next = this.#nextJob(); next >= 0; next = this.#nextJob()) {
      const [job] = this.#jobs.splice(next, 1);
      if (job) await this.#run(job).then(job.resolve, job.reject);
    }
  }

  async #run({ client, message, onData }: Job) {
    clearTimeout(this.#idleTimer);
    this.#idleTimer = undefined;
    if (this.#crash) throw this.#crash;
    await this.#giveTurnTo(client);
    this.#owner = client;
    const isPart = PARTS_OF_AN_EXCHANGE.has(message[0] ?? 0);
    if (isPart && this.#isFailed) return;
    let tail: Uint8Array = new Uint8Array();
    try {
      await this.#exec(message, (data) => {
        if (tail.length > 0) onData(tail);
        const end = Math.max(0, data.length - READY_FOR_QUERY_SIZE);
        if (end > 0) onData(data.subarray(0, end));
        // Copy the bytes, because the engine may reuse its buffer.
        tail = data.slice(end);
      });
    } catch (error) {
      // Errors of Postgres are in the answer. An exception means that the engine has crashed.
      if (!isReadyForQuery(tail)) onData(tail);
      this.#crash = error as Error;
      this.#owner = undefined;
      this.#options.onCrash(error as Error);
      throw error;
    }
    const isReady = isReadyForQuery(tail);
    // After an error, the engine reports ready at once, and again at the Sync.
    this.#isFailed = isPart && isReady;
    if (this.#isFailed) return;
    if (tail.length > 0) onData(tail);
    if (isReady && tail[5] === IDLE) this.#release(client);
  }

  async #exec(message: Uint8Array, onRawData: (data: Uint8Array) => void) {
    const { db, stackOverflow } = this.#options;
    const exchange = () => db.execProtocolRawStream(message, { onRawData });
    // After an overflow, the engine may also throw something else while it ends the exchange.
    const failure = await db.runExclusive(exchange).catch((error: Error) => error);
    const error = stackOverflow() ?? failure;
    if (error !== undefined) throw error;
  }

  #release(client: number) {
    this.#owner = undefined;
    this.#isFailed = false;
    if (!this.#options.isStateless(client)) this.#options.onForeignWork();
  }

  /** Saves the settings of the previous client, and restores those of this client. */
  async #giveTurnTo(client: number) {
    const { db, isStateless } = this.#options;
    const before = this.#occupant;
    if (before === client) return;
    this.#occupant = undefined;
    const isClean = before !== undefined && isStateless(before);
    if (before !== undefined && !isClean) this.#settings.set(before, await currentSettings(db));
    if (!isClean) {
      await db.exec(`reset session authorization; reset role; reset all; ${SESSION_DEFAULTS}`);
    }
    if (this.#hasLeftovers) {
      await db.exec("discard temp; deallocate all; select pg_advisory_unlock_all(); unlisten *");
      this.#hasLeftovers = false;
    }
    for (const { name, setting } of this.#settings.get(client) ?? []) {
      await db.query("select set_config($1, $2, false)", [name, setting]);
    }
    this.#occupant = client;
  }

  #watchOwner() {
    const owner = this.#owner;
    if (owner === undefined || this.#jobs.length === 0) return;
    this.#idleTimer ??= setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.#owner === owner) this.#options.onIdle(owner);
    }, this.#options.idleInTransactionMs);
  }
}

function isReadyForQuery(message: Uint8Array): boolean {
  return READY_FOR_QUERY.every((byte, i) => message[i] === byte);
}

async function currentSettings(db: PGlite): Promise<Setting[]> {
  const { rows } = await db.query<Setting>(
    `select name, setting from pg_settings where source = 'session'
     union all select 'role', current_setting('role')`,
  );
  return rows;
}
