import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { PGlite } from "@electric-sql/pglite";
import { pgcrypto } from "@electric-sql/pglite/contrib/pgcrypto";
import { vector } from "@electric-sql/pglite/vector";
import { PGLiteSocketHandler } from "@electric-sql/pglite-socket";
import { IDLE_IN_TRANSACTION_MS, SharedSession } from "./shared-session.ts";

/** The `application_name` under which the API connects: it keeps no settings of its own. */
export const API_APPLICATION_NAME = "embedded-api";

const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

export interface EmbeddedPostgres {
  url: string;
  /** Calls back whenever a client other than the API may have changed the schema. */
  onForeignWork: (callback: () => void) => void;
  /** Calls back when the engine has crashed and the process should end. */
  onCrash: (callback: (error: Error) => void) => void;
  close: () => Promise<void>;
}

/**
 * Starts Postgres 17 as WebAssembly and speaks its wire protocol on a loopback port.
 *
 * @param options.dataDir where the data is kept; without it, in memory
 * @param options.port the port to listen on; 0 for any free one
 * @param options.idleInTransactionMs how long a client may keep others waiting in an idle transaction
 * @throws a Node error with code `EADDRINUSE` when the port is taken (before the data is touched),
 *   or PGlite's error when the data folder cannot be opened
 */
export async function startEmbeddedPostgres(options: {
  dataDir?: string | undefined;
  port: number;
  idleInTransactionMs?: number;
}): Promise<EmbeddedPostgres> {
  let foreignWork = () => {};
  let crash = (error: Error) => console.error(error);
  const handlers = new Map<number, { handler: PGLiteSocketHandler; socket: Socket }>();
  const stateless = new Set<number>();

  // Connections made while the engine still starts wait for it; undefined when it never does.
  let sessionReady = (_session: SharedSession | undefined) => {};
  const sessionWhenReady = new Promise<SharedSession | undefined>((resolve) => {
    sessionReady = resolve;
  });
  const server = createServer(async (socket) => {
    socket.on("error", () => socket.destroy());
    const startup = await firstPacket(socket);
    if (!startup) return;
    const session = await sessionWhenReady;
    if (!session) return socket.destroy();
    // The library's class is not exported; the session has the three methods a handler calls.
    const queryQueue = session as unknown as HandlerQueue;
    const handler = new PGLiteSocketHandler({ queryQueue, closeOnDetach: true });
    const id = handler.handlerId;
    handlers.set(id, { handler, socket });
    if (startup.includes(`application_name\0${API_APPLICATION_NAME}\0`)) stateless.add(id);
    handler.addEventListener("close", () => {
      handlers.delete(id);
      stateless.delete(id);
    });
    await handler.attach(socket);
    socket.unshift(startup);
    socket.resume();
  });
  await listen(server, options.port);

  let db: PGlite;
  try {
    db = await PGlite.create({
      ...(options.dataDir ? { dataDir: options.dataDir } : {}),
      extensions: { vector, pgcrypto },
    });
  } catch (error) {
    sessionReady(undefined);
    server.close();
    throw error;
  }
  const session = new SharedSession({
    db,
    idleInTransactionMs: options.idleInTransactionMs ?? IDLE_IN_TRANSACTION_MS,
    isStateless: (client) => stateless.has(client),
    onForeignWork: () => foreignWork(),
    onCrash: (error) => crash(error),
    onEvicted: (client) => {
      const evicted = handlers.get(client);
      evicted?.socket.write(fatal("25P03", "idle in a transaction while others waited"));
      void evicted?.handler.detach(true);
    },
  });
  sessionReady(session);

  const { port } = server.address() as AddressInfo;
  return {
    url: `postgresql://postgres:postgres@127.0.0.1:${port}/postgres`,
    onForeignWork: (callback) => {
      foreignWork = callback;
    },
    onCrash: (callback) => {
      crash = callback;
    },
    async close() {
      server.close();
      for (const { handler } of handlers.values()) await handler.detach(true);
      await session.idle();
      await db.close();
    },
  };
}

type HandlerQueue = ConstructorParameters<typeof PGLiteSocketHandler>[0]["queryQueue"];

/** The startup packet of a connection, after saying no to encryption; none for a cancel request. */
function firstPacket(socket: Socket) {
  return new Promise<Buffer | undefined>((resolve) => {
    let received = Buffer.alloc(0);
    socket.on("close", () => resolve(undefined));
    socket.on("data", function onData(data: Buffer) {
      received = Buffer.concat([received, data]);
      if (received.length < 8 || received.length < received.readInt32BE(0)) return;
      const code = received.readInt32BE(4);
      if (code === SSL_REQUEST || code === GSSENC_REQUEST) {
        received = received.subarray(8);
        socket.write("N");
      } else if (code === CANCEL_REQUEST) {
        socket.destroy();
      } else {
        socket.pause();
        socket.off("data", onData);
        resolve(received);
      }
    });
  });
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

/** An ErrorResponse of severity FATAL, as Postgres sends before it closes a connection. */
function fatal(code: string, message: string) {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
