import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { vector } from "@electric-sql/pglite/vector";
import { localDatabaseUrl } from "../../project/database-url.ts";
import { SharedSession } from "./shared-session.ts";
import { fatalResponse, frontendMessages, WireError } from "./wire.ts";

/** The `application_name` under which the API connects: it keeps no settings of its own. */
export const API_APPLICATION_NAME = "embedded-api";

/**
 * How long a client may sit in an open transaction while another one waits. A server has a session
 * for everybody and needs no such limit; here one forgotten `begin` in psql would stop the API.
 */
const IDLE_IN_TRANSACTION_MS = 30_000;

export interface EmbeddedPostgres {
  url: string;
  /** Calls back whenever a client other than the API may have changed the schema. */
  onForeignWork: (callback: () => void) => void;
  /** Calls back when the engine has crashed and the process should end. */
  onCrash: (callback: (error: Error) => void) => void;
  /** The data folder as an archive, for another engine to start with. */
  dump: () => Promise<Blob>;
  close: () => Promise<void>;
}

/**
 * Starts Postgres 17 as WebAssembly and speaks its wire protocol on a loopback port.
 *
 * @param options.dataDir where the data is kept; without it, in memory
 * @param options.archive the data folder to start with, from {@link EmbeddedPostgres.dump}
 * @param options.port the port to listen on; 0 for any free one
 * @param options.idleInTransactionMs how long an idle transaction may keep other clients waiting
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

  // Connections made while the engine still starts wait for it; undefined when it never does.
  let sessionReady = (_session: SharedSession | undefined) => {};
  const sessionWhenReady = new Promise<SharedSession | undefined>((resolve) => {
    sessionReady = resolve;
  });
  const server = createServer(async (socket) => {
    lastClient += 1;
    const client = lastClient;
    sockets.set(client, socket);
    socket.setNoDelay(true);
    // A connection that breaks ends the loop below; nobody else needs to hear of it.
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
    onCrash: (error) => crash(error),
    onIdle: (client) => {
      const socket = sockets.get(client);
      if (!socket) return;
      sayGoodbye(socket, new WireError("25P03", "idle in a transaction while others wait"));
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

/** What the engine sets when it ends, when a session does, and when a statement fails. */
const EXIT_CODES_OF_ENGINE: unknown[] = [0, 99, 100];

/**
 * The engine sets the exit code of the whole process: what had failed before, such as a test, would
 * be forgotten.
 */
async function keepingExitCode<T>(act: () => Promise<T>): Promise<T> {
  // It may be that of another engine at this moment.
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

/** True for the startup packet of the API; no other message begins with a zero. */
function isApi(message: Buffer): boolean {
  return message[0] === 0 && message.includes(`application_name\0${API_APPLICATION_NAME}\0`);
}

/** Tells a client why its connection ends, if the reason is one of Postgres or of the wire. */
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
