import type { Socket } from "node:net";

/**
 * An error for a client that breaks the protocol, or requests something that the engine cannot do.
 */
export class WireError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const SSL_REQUEST = 80877103;
const GSSENC_REQUEST = 80877104;
const CANCEL_REQUEST = 80877102;

/** The maximum length of a startup packet, same as in Postgres. */
const LONGEST_STARTUP = 10_000;
const LONGEST_MESSAGE = 256 * 1024 * 1024;

/** Query, Parse, Bind, Describe, Execute, Flush, Sync, Close, FunctionCall, Terminate. */
const MESSAGE_TYPES = new Set("QPBDEHSCFX");

/**
 * Yields the complete messages of one client, the startup packet first. Refuses encryption itself,
 * and ends after a cancel request, which a single session cannot serve. Checks every message,
 * because the engine does not: it exits on a wrong length and hangs on a wrong type.
 *
 * @throws WireError when the client breaks the protocol
 */
export async function* frontendMessages(socket: Socket): AsyncGenerator<Buffer, void> {
  const received = new Received();
  let hasStarted = false;
  // Keep the socket open after the loop, so that the client can receive an error.
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    received.add(chunk);
    for (;;) {
      const size = hasStarted ? messageSize(received) : startupSize(received);
      const message = size === undefined ? undefined : received.take(size);
      if (!message) break;
      if (hasStarted) {
        refuseCopy(message);
        yield message;
        continue;
      }
      const code = message.readInt32BE(4);
      if (code === CANCEL_REQUEST) return;
      if (code === SSL_REQUEST || code === GSSENC_REQUEST) {
        socket.write("N");
      } else if (code >>> 16 === 3) {
        refuseMalformedStartup(message);
        hasStarted = true;
        yield message;
      } else {
        throw new WireError("08P01", "unsupported protocol version: this port supports version 3");
      }
    }
  }
}

function startupSize(received: Received): number | undefined {
  const size = received.int32At(0);
  if (size !== undefined && (size < 8 || size > LONGEST_STARTUP)) {
    throw new WireError("08P01", "invalid length of startup packet");
  }
  return size;
}

/** Refuses a startup packet whose names and values do not end with NUL: the engine would exit. */
function refuseMalformedStartup(packet: Buffer) {
  const parameters = packet.toString("latin1", 8);
  if (!/^(?:[^\0]+\0[^\0]*\0)*\0$/.test(parameters)) {
    throw new WireError("08P01", "invalid startup packet: a terminator is missing");
  }
}

function messageSize(received: Received): number | undefined {
  const size = received.int32At(1);
  if (size === undefined) return undefined;
  const type = String.fromCharCode(received.byteAt(0));
  if (!MESSAGE_TYPES.has(type) || size < 4 || size > LONGEST_MESSAGE) {
    throw new WireError("08P01", `invalid message of type ${JSON.stringify(type)}`);
  }
  return size + 1;
}

/** Refuses the kinds of COPY that crash or block the engine, also with comments between the words. */
function refuseCopy(message: Buffer) {
  const isStatement = message[0] === 0x51 || message[0] === 0x50;
  if (!isStatement) return;
  const text = message.toString("utf8", 5);
  const withoutComments = text.replace(/\/\*[\s\S]*?\*\/|--[^\n]*/g, " ");
  if ([text, withoutComments].some((sql) => UNSUPPORTED_COPY.test(sql))) {
    throw new WireError(
      "0A000",
      "the embedded database does not support COPY FROM STDIN and COPY with PROGRAM: use INSERT",
    );
  }
}

const UNSUPPORTED_COPY = /(^|[;\0])\s*copy\b[^;]*\b(from\s+stdin|(from|to)\s+program)\b/i;

/**
 * Returns an ErrorResponse of severity FATAL, which Postgres sends before it closes a connection.
 */
export function fatalResponse({ code, message }: WireError): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write("E");
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/**
 * Received bytes that are not yet read. Joins the chunks only when a message needs more than one.
 */
class Received {
  #chunks: Buffer[] = [];
  #length = 0;

  add(chunk: Buffer) {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  byteAt(position: number): number {
    return this.#head(position + 1)[position] as number;
  }

  int32At(position: number): number | undefined {
    return this.#length < position + 4 ? undefined : this.#head(position + 4).readInt32BE(position);
  }

  take(size: number): Buffer | undefined {
    if (this.#length < size) return undefined;
    const all = this.#head(size);
    this.#chunks[0] = all.subarray(size);
    this.#length -= size;
    return all.subarray(0, size);
  }

  /** Returns the first chunk, joined with the others when it is too short. */
  #head(size: number): Buffer {
    const [first] = this.#chunks;
    if (first && first.length >= size) return first;
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] as Buffer;
  }
}
