import type { PGlite } from "@electric-sql/pglite";

/**
 * How long a client may sit in an open transaction while another one waits. A server has a session
 * for everybody and needs no such limit; here one forgotten `begin` in psql would stop the API.
 */
export const IDLE_IN_TRANSACTION_MS = 30_000;

/** What every client finds when it connects, as on the hosted platform. */
const SESSION_DEFAULTS = `
  set search_path = "$user", public, extensions;
  set timezone = 'UTC';
`;

const SYNC = Uint8Array.of(0x53, 0, 0, 0, 4);
const TERMINATE = 0x58;
const READY_FOR_QUERY = 0x5a;
const IDLE = 0x49;

interface Job {
  client: number;
  message: Uint8Array;
  onData: (data: Uint8Array) => void;
  resolve: (bytes: number) => void;
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
  /** The client sat idle in a transaction for too long and has been rolled back. */
  onEvicted: (client: number) => void;
  /** The engine has crashed: nothing more will be answered. */
  onCrash: (error: Error) => void;
  idleInTransactionMs: number;
}

/**
 * Shares PGlite's one session between many connections, so that each believes it has its own.
 *
 * The queue of `@electric-sql/pglite-socket` hands out single protocol messages, so the Parse of
 * one client can land between the Parse and the Bind of another, and a `set role` of one is in
 * force for the next. Here a client keeps the session until the server reports it idle (the end of
 * the exchange or of the transaction), and its settings are put away and brought back around the
 * turns of others. What cannot be shared: custom settings (`set request.jwt.claims …`) outside a
 * transaction are lost when another client takes a turn.
 */
export class SharedSession {
  readonly #options: SharedSessionOptions;
  readonly #settings = new Map<number, Setting[]>();
  #jobs: Job[] = [];
  #owner: number | undefined;
  #occupant: number | undefined;
  #draining: Promise<void> | undefined;
  #evictionTimer: NodeJS.Timeout | undefined;

  constructor(options: SharedSessionOptions) {
    this.#options = options;
  }

  /** Runs one protocol message of a client in its turn; resolves to the bytes answered. */
  enqueue(client: number, message: Uint8Array, onData: (data: Uint8Array) => void) {
    return new Promise<number>((resolve, reject) => {
      this.#jobs.push({ client, message, onData, resolve, reject });
      this.#drain();
    });
  }

  /** Forgets what a client that went away still wanted to run. */
  clearQueueForHandler(client: number) {
    const gone = this.#jobs.filter((job) => job.client === client);
    this.#jobs = this.#jobs.filter((job) => job.client !== client);
    for (const job of gone) job.reject(new Error("the client has disconnected"));
  }

  /** Rolls back what a client that went away left open, and drops its settings. */
  async clearTransactionIfNeeded(client: number) {
    await this.#draining;
    if (this.#owner === client) {
      await this.#exec(SYNC, () => {});
      await this.#options.db.exec("rollback");
      this.#release(client);
    }
    if (this.#occupant === client) this.#occupant = undefined;
    this.#settings.delete(client);
    this.#drain();
  }

  /** Resolves when nothing is running. */
  async idle() {
    await this.#draining;
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
      if (job) await this.#run(job);
    }
  }

  async #run(job: Job) {
    if (job.message[0] === TERMINATE) return job.resolve(0);
    clearTimeout(this.#evictionTimer);
    this.#evictionTimer = undefined;
    try {
      await this.#giveTurnTo(job.client);
      let bytes = 0;
      let tail: number[] = [];
      this.#owner = job.client;
      await this.#exec(job.message, (data) => {
        bytes += data.length;
        tail = [...tail, ...data.subarray(-6)].slice(-6);
        job.onData(data);
      });
      if (tail[0] === READY_FOR_QUERY && tail[5] === IDLE) this.#release(job.client);
      job.resolve(bytes);
    } catch (error) {
      job.reject(error as Error);
      this.#options.onCrash(error as Error);
    }
  }

  #exec(message: Uint8Array, onRawData: (data: Uint8Array) => void) {
    const { db } = this.#options;
    return db.runExclusive(() => db.execProtocolRawStream(message, { onRawData }));
  }

  #release(client: number) {
    this.#owner = undefined;
    if (!this.#options.isStateless(client)) this.#options.onForeignWork();
  }

  /** Puts the settings of the client before away, and brings back those of this one. */
  async #giveTurnTo(client: number) {
    const { db, isStateless } = this.#options;
    const before = this.#occupant;
    if (before === client) return;
    this.#occupant = client;
    if (before !== undefined && isStateless(before)) {
      if (isStateless(client)) return;
    } else {
      if (before !== undefined) this.#settings.set(before, await currentSettings(db));
      await db.exec(`reset session authorization; reset role; reset all; ${SESSION_DEFAULTS}`);
    }
    for (const { name, setting } of this.#settings.get(client) ?? []) {
      await db.query("select set_config($1, $2, false)", [name, setting]);
    }
  }

  /** Ends a transaction that its client has left idle while others wait. */
  #watchOwner() {
    const owner = this.#owner;
    if (owner === undefined || this.#jobs.length === 0) return;
    this.#evictionTimer ??= setTimeout(() => {
      this.#evictionTimer = undefined;
      if (this.#owner === owner) this.#options.onEvicted(owner);
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
