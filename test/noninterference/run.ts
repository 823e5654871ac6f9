import { setImmediate } from "node:timers/promises";
import type { Client } from "../support/clients.ts";
import type { Relation } from "./catalog.ts";
import { execute } from "./execute.ts";
import { NIL } from "./ids.ts";
import type { Answer, Request } from "./requests.ts";
import type { Row } from "./rows.ts";
import { enterWorld, type Snapshot, takeSnapshot } from "./world.ts";

/** The run of a script in a world. */
export interface Run {
  /** The answer to each request. */
  answers: Answer[];
  /** When each request was sent, in milliseconds. */
  starts: number[];
  before: Snapshot;
  after: Snapshot;
}

/** Loads a world of these rows, then sends the requests of a script one after the other. */
export async function runIn(
  rows: Row[],
  client: Client,
  script: Request[],
  relations: Relation[],
): Promise<Run> {
  await enterWorld(rows);
  const before = await takeSnapshot(relations);
  const answers: Answer[] = [];
  const starts: number[] = [];
  const made: string[] = [];
  for (const request of script) {
    starts.push(await nextMillisecond());
    const answer = await execute(client, withMade(request, made), relations);
    answers.push(answer);
    made.push(...madeBy(request, answer));
  }
  return { answers, starts, before, after: await takeSnapshot(relations) };
}

/** Waits for the next millisecond and returns it, so that everything made before is older. */
async function nextMillisecond(): Promise<number> {
  const last = Date.now();
  while (Date.now() === last) await setImmediate();
  return Date.now();
}

/** Returns the id that an insert of one row made; none for several rows, whose order is random. */
function madeBy(request: Request, { data }: Answer): string[] {
  if (request.verb !== "insert" || Array.isArray(request.body)) return [];
  const [row] = Array.isArray(data) ? (data as { id?: unknown }[]) : [];
  return typeof row?.id === "string" ? [row.id] : [];
}

function withMade(request: Request, made: string[]): Request {
  const text = JSON.stringify(request);
  if (!text.includes("{made ")) return request;
  // An id may be any text, so it is escaped for the JSON string that contains it.
  const idOf = (nth: string) => JSON.stringify(made[Number(nth)] ?? NIL).slice(1, -1);
  return JSON.parse(text.replace(/\{made (\d)\}/g, (_, nth) => idOf(nth)));
}
