import type { PGlite } from "@electric-sql/pglite";

/** What every client finds when it connects, as on the hosted platform. */
const SESSION_DEFAULTS = `
  set search_path = "$user", public, extensions;
  set timezone = 'UTC';
`;

const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4);
const READY_FOR_QUERY = 0x5a;
const READY_FOR_QUERY_SIZE = 6;
const IDLE = 0x49;

/** Parse, Bind, Describe, Execute, Flush and Close: answered by nothing that ends the exchange. */
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
  /** True for the clients of the API, which leave nothing behind outside their transactions. */
  isStateless: (client: number) => boolean;
  /** A client other than the API's has finished a transaction: the schema may have changed. */
  onForeignWork: () => void;
  /** The client sat idle in a transaction while others waited, for too long. */
  onIdle: (client: number) => void;
  /** The engine has crashed: nothing more will be answered. */
  onCrash: (error: Error) => void;
  idleInTransactionMs: number;
}

/**
 * Shares PGlite's one session between many connections, so that each believes it has its own: a
 * client keeps the session until the server reports it idle (the end of the exchange or of the
 * transaction), and its settings are put away and brought back around the turns of others.
 *
 * What cannot be told apart is shared: prepared statements, temporary tables, advisory locks, and
 * custom settings (`set request.jwt.claims …`) outside a transaction, which another's turn ends.
 * They go when the last client but the API has left.
 */
export class SharedSession {
  readonly #options: SharedSessionOptions;
  readonly #settings = new Map<number, Setting[]>();
  readonly #foreign = new Set<number>();
  #jobs: Job[] = [];
  /** The client in whose exchange or transaction the session is. */
  #owner: number | undefined;
  /** The owner's exchange has failed: as a server does, it goes on with the next Sync. */
  #isFailed = false;
  /** The client whose settings the session has. */
  #occupant: number | undefined;
  #hasLeftovers = false;
  #draining: Promise<void> | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(options: SharedSessionOptions) {
    this.#options = options;
  }

  /**
   * Runs one protocol message of a client when it is its turn.
   *
   * @throws Postgres' error when the client's settings cannot be brought back
   */
  run(client: number, message: Uint8Array, onData: (data: Uint8Array) => void): Promise<void> {
    if (!this.#options.isStateless(client)) this.#foreign.add(client);
    return new Promise((resolve, reject) => {
      this.#jobs.push({ client, message, onData, resolve, reject });
      this.#drain();
    });
  }

  /** Forgets a client that has gone: what it wanted to run, what it left open, its settings. */
  async leave(client: number): Promise<void> {
    const gone = this.#jobs.filter((job) => job.client === client);
    this.#jobs = this.#jobs.filter((job) => job.client !== client);
    for (const job of gone) job.reject(new Error("the client has disconnected"));
    await this.#draining;
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
        // The engine may use its buffer again.
        tail = data.slice(end);
      });
    } catch (error) {
      // Postgres' own errors are in the answer: what is thrown is the end of the engine.
      this.#options.onCrash(error as Error);
      throw error;
    }
    const isReady = tail.length === READY_FOR_QUERY_SIZE && tail[0] === READY_FOR_QUERY;
    // After an error the engine is ready at once, and then once more at the Sync.
    this.#isFailed = isPart && isReady;
    if (this.#isFailed) return;
    if (tail.length > 0) onData(tail);
    if (isReady && tail[5] === IDLE) this.#release(client);
  }

  #exec(message: Uint8Array, onRawData: (data: Uint8Array) => void) {
    const { db } = this.#options;
    return db.runExclusive(() => db.execProtocolRawStream(message, { onRawData }));
  }

  #release(client: number) {
    this.#owner = undefined;
    this.#isFailed = false;
    if (!this.#options.isStateless(client)) this.#options.onForeignWork();
  }

  /** Puts the settings of the client before away, and brings back those of this one. */
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

async function currentSettings(db: PGlite): Promise<Setting[]> {
  const { rows } = await db.query<Setting>(
    `select name, setting from pg_settings where source = 'session'
     union all select 'role', current_setting('role')`,
  );
  return rows;
}
