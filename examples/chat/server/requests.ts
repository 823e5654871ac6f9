/**
 * Validates the requests to the backend. A refusal has a code and a message, same as a database
 * error.
 */
import type { IncomingMessage } from "node:http";
import { DatabaseError } from "supabase-ai-schema";

/** A refused request, with an HTTP status and a SQLSTATE. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const MAX_BYTES = 10_000;

/** Returns the token of `Authorization: Bearer …`. */
export function readToken({ method, headers }: IncomingMessage): string {
  if (method !== "POST") throw new Refusal(405, "0A000", "only POST is supported");
  const token = /^Bearer (\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (!token) throw new Refusal(401, "28000", "sign-in required");
  return token;
}

/** Returns the header `x-tenant-id`. The database compares it, so that any text is safe. */
export function readTenantId({ headers }: IncomingMessage): string | undefined {
  return headers["x-tenant-id"]?.toString();
}

export async function readBody(request: IncomingMessage): Promise<{ conversation_id: string }> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Refusal(413, "54000", "the request is too large");
    chunks.push(chunk);
  }
  const body = parse(Buffer.concat(chunks).toString("utf8"));
  const id = (body as { conversation_id?: unknown } | null)?.conversation_id;
  if (typeof id !== "string") throw new Refusal(400, "22023", "conversation_id must be a uuid");
  return { conversation_id: id };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, "22032", "the body is not JSON");
  }
}

/** Returns the error for the caller, without the details of internal errors. */
export function refusalFor(error: unknown): { status: number; code: string; message: string } {
  if (error instanceof Refusal) {
    return { status: error.status, code: error.code, message: error.message };
  }
  if (!(error instanceof DatabaseError))
    return { status: 500, code: "XX000", message: "internal error" };
  const [status] = STATUSES.find(([, codes]) => codes.test(error.code)) ?? [500];
  return { status, code: error.code, message: error.message };
}

const STATUSES: [status: number, codes: RegExp][] = [
  [401, /^PGRST30[0-3]$/],
  [403, /^42501$/],
  [400, /^2[23]/],
  [502, /^$/],
];
