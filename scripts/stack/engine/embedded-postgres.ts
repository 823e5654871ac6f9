import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { vector } from "@electric-sql/pglite/vector";
import { localDatabaseUrl } from "../../project/database-url.ts";
import { SharedSession } from "./shared-session.ts";
import { watchStackOverflow } from "./stack-overflow.ts";
import { fatalResponse, frontendMessages, WireError } from "./wire.ts";

/** The `application_name` of the API's connections, which keep no session settings. */
export const API_APPLICATION_NAME = "embedded-api";

/**
 * How long a client may be idle in a transaction while another client waits. A server has one
 * session per client and needs no such limit. Here, one forgotten `begin` in psql would block the
 * API.
 */
const IDLE_IN_TRANSACTION_MS = 30_000;

export interface EmbeddedPostgres {
  url: string;
  /** Calls the function whenever a client other than the API may have changed the schema. */
  onForeignWork: (callback: () => void) => void;
  /** Calls the function when the engine has crashed. The process should then exit. */
  onCrash: (callback: (error: Error) => void) => void;
  /** Returns the data folder as an archive, with which another engine can start. */
  dump: () => Promise<Blob>;
  close: () => Promise<void>;
}

/**
 * Starts Postgres 17 as WebAssembly, and serves the Postgres wire protocol on a loopback port.
 *
 * @param options.dataDir the folder for the data; by default, the data is in memory
 * @param options.archive the data folder to start with, from {@link EmbeddedPostgres.dump}
 * @param options.port the port to listen on; 0 for any free one
 * @param options.idleInTransactionMs the longest time that an idle transaction may block other
 *   clients, in milliseconds
 * @throws a Node error with code `EADDRINUSE` when the port is taken (before the data is touched),
 *   or PGlite's error when the data folder cannot be opened
 */
export async function startEmbeddedPostgres(options: {
  dataDir?: string | undefined;
  archive?: Blob | undefined;
  port: number;
  idleInTransactionMs?: number;
}): Promise<EmbeddedPostgres> {
  let foreignWork = () => {};
  let crash = (error: Error) => console.error(error);
  const sockets = new Map<number, Socket>();
  const apiClients = new Set<number>();
  let lastClient = 0;

  // Connections wait until the engine has started. The value is undefined when the start fails.
  let sessionReady = (_session: SharedSession | undefined) => {};
  const sessionWhenReady = new Promise<SharedSession | undefined>((resolve) => {
    sessionReady = resolve;
  });
  const server = createServer(async (socket) => {
    lastClient += 1;
    const client = lastClient;
    sockets.set(client, socket);
    socket.setNoDelay(true);
    // A broken connection ends the loop below. Nothing else has to handle the error.
    socket.on("error", () => {});
    try {
      for await (const message of frontendMessages(socket)) {
        if (isTerminate(message)) break;
        if (isApi(message)) apiClients.add(client);
        const session = await sessionWhenReady;
        await keepingExitCode(async () =>
          session?.run(client, message, (data) => socket.write(data)),
        );
      }
    } catch (error) {
      sayGoodbye(socket, error as Error);
    }
    socket.destroySoon();
    const session = await sessionWhenReady;
    await keepingExitCode(async () => session?.leave(client));
    sockets.delete(client);
    apiClients.delete(client);
  });
  await listen(server, options.port);

  let db: PGlite;
  try {
    db = await keepingExitCode(() =>
      PGlite.create({
        ...(options.dataDir ? { dataDir: options.dataDir } : {}),
        ...(options.archive ? { loadDataDir: options.archive } : {}),
        extensions: { vector, pgcrypto },
      }),
    );
  } catch (error) {
    sessionReady(undefined);
    server.close();
    throw error;
  }
  const session = new SharedSession({
    db,
    idleInTransactionMs: options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS,
    isStateless: (client) => apiClients.has(client),
    onForeignWork: () => foreignWork(),
    stackOverflow: watchStackOverflow(db),
    // The client receives its error first.
    onCrash: (error) => setImmediate(() => crash(error)),
    onIdle: (client) => {
      const socket = sockets.get(client);
      if (!socket) return;
      sayGoodbye(
        socket,
        new WireError(
          "25P03",
          "terminating connection: idle in a transaction while other clients wait",
        ),
      );
      socket.destroySoon();
    },
  });
  sessionReady(session);

  const { port } = server.address() as AddressInfo;
  return {
    url: localDatabaseUrl(port),
    onForeignWork: (callback) => {
      foreignWork = callback;
    },
    onCrash: (callback) => {
      crash = callback;
    },
    dump: () => keepingExitCode(() => db.dumpDataDir("none")),
    async close() {
      server.close();
      const clients = [...sockets.keys()];
      for (const socket of sockets.values()) socket.destroy();
      await keepingExitCode(async () => {
        for (const client of clients) await session.leave(client);
        await db.close();
      });
    },
  };
}

/**
 * The exit codes that the engine sets: at its end, at a session's end, and for a failed statement.
 */
const EXIT_CODES_OF_ENGINE: unknown[] = [0, 99, 100];

/**
 * Runs a function of the engine, and restores the exit code of the process afterwards. The engine
 * sets this exit code, which would hide an earlier failure, such as a failed test.
 */
async function keepingExitCode<T>(act: () => Promise<T>): Promise<T> {
  // The current exit code may come from another engine.
  const isOurs = !EXIT_CODES_OF_ENGINE.includes(process.exitCode);
  const before = isOurs ? process.exitCode : undefined;
  try {
    return await act();
  } finally {
    if (EXIT_CODES_OF_ENGINE.includes(process.exitCode)) process.exitCode = before;
  }
}

function isTerminate(message: Buffer): boolean {
  return message[0] === 0x58;
}

/** Returns true for the startup packet of the API. No other message begins with a zero byte. */
function isApi(message: Buffer): boolean {
  return message[0] === 0 && message.includes(`application_name\0${API_APPLICATION_NAME}\0`);
}

/**
 * Sends the client the reason why its connection ends, if it is an error of Postgres or the
 * protocol.
 */
function sayGoodbye(socket: Socket, reason: Error) {
  const isForClient = reason instanceof WireError || "severity" in reason;
  if (isForClient && socket.writable) socket.write(fatalResponse(reason as WireError));
}

function listen(server: Server, port: number) {
  return new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
