import type { Relation } from "./catalog.ts";
import { type Answer, isGuessed, type Request } from "./requests.ts";
import type { Run } from "./run.ts";

const UUID = /\b([0-9a-f]{8}-[0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g;
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)/g;

/** As far back as a time or an id can have been made for a run: no fixed one is as new. */
const DAY = 24 * 60 * 60 * 1000;

/** Functions that promise an order. The rows of others come as they lie. */
const ordered = ["match_embeddings", "get_conversation_history", "get_usage_stats"];

/**
 * A value without what differs from run to run whatever there is. These are only the ids and the
 * times that the database makes while a script runs. Each becomes the number of the request that
 * made it, so that it still tells when, and one row from another.
 */
export function withoutChance(value: unknown, { starts }: Pick<Run, "starts">): unknown {
  const first = starts[0] ?? Date.now();
  const nameOf = (what: string, whole: string, time: number) => {
    if (!(time > first - DAY && time < first + DAY)) return whole;
    const request = starts.findLastIndex((start) => start <= time);
    return request < 0 ? `<${what} of before>` : `<${what} of request ${request}>`;
  };
  return mapTexts(value, (text) =>
    text
      .replace(UUID, (whole, head: string) =>
        nameOf("id", whole, Number.parseInt(head.replace("-", ""), 16)),
      )
      .replace(TIME, (whole) => nameOf("time", whole, timeOf(whole))),
  );
}

/** An answer as it is compared: without chance, and with rows that come in no order in one. */
export function comparableAnswer(
  answer: Answer,
  request: Request,
  run: Run,
  relations: Relation[],
): Answer {
  const { data, ...rest } = withoutChance(withoutGuess(answer, request), run) as Answer;
  const isChat = "relation" in request && request.relation === "ai_conversations";
  const isSpread = "select" in request && request.select?.includes("...");
  // The one relation that embeds none has a column that is called like another one.
  const names = new Set(isChat ? [] : relations.map(({ name }) => name));
  // Of rows that are spread, each column is a list.
  const rows = sortEmbedded(data, (name) => isSpread === true || names.has(name));
  if (isOrdered(request)) return { ...rest, data: rows };
  if (Array.isArray(rows)) return { ...rest, data: sorted(rows) };
  const isCsv = request.verb === "select" && typeof rows === "string";
  return { ...rest, data: isCsv ? rows.split("\n").sort() : rows };
}

/**
 * An answer without a count that the planner guessed, and without what follows from it: a page that
 * seems to have more after it is partial. `docs/security.md` says what such a count may tell.
 */
function withoutGuess(answer: Answer, request: Request): Answer {
  if (!isGuessed(request)) return answer;
  const { count, status, ...rest } = answer;
  return { ...rest, status: status === 206 ? 200 : status };
}

function isOrdered(request: Request): boolean {
  if (request.verb === "select") return request.order.length > 0 || request.limit !== undefined;
  if (request.verb === "call") return ordered.includes(request.function);
  return request.verb === "insert" || request.verb === "upsert";
}

/** Embedded rows have no order, on any level. */
function sortEmbedded(value: unknown, isEmbedded: (name: string) => boolean): unknown {
  if (Array.isArray(value)) return value.map((item) => sortEmbedded(item, isEmbedded));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const rows = sortEmbedded(inner, isEmbedded);
    return [name, Array.isArray(rows) && isEmbedded(name) ? sorted(rows) : rows];
  });
  return Object.fromEntries(entries);
}

function sorted(items: unknown[]): unknown[] {
  const keyed = items.map((item) => ({ key: JSON.stringify(item), item }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key))).map(({ item }) => item);
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, map));
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, map)]);
  return Object.fromEntries(entries);
}

/** Of a time as JSON has it or as Postgres writes it. */
function timeOf(text: string): number {
  return Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
}
