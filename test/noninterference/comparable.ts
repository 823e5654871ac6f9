import type { Relation } from "./catalog.ts";
import { type Answer, isGuessed, type Request } from "./requests.ts";
import type { Run } from "./run.ts";

const UUID = /\b([0-9a-f]{8}-[0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g;
/** The token of an invitation, and the suffix of a slug, which are random. */
const TOKEN = /\b[0-9a-f]{64}\b/g;
const SUFFIX = /^([a-z0-9-]+)-[0-9a-f]{8}$/;
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)/g;

/**
 * Times and ids from a day before the start of a run were made by the run, also the ends of periods
 * that it starts, such as 30 days. All fixed times are older, or later than that.
 */
const DAY = 24 * 60 * 60 * 1000;
const LATEST = 32 * DAY;

/** Functions that return rows in a defined order. All other functions return them in any order. */
const ordered = [
  "match_embeddings",
  "get_conversation_history",
  "get_usage_stats",
  "list_my_tenants",
];

/**
 * Replaces the parts of a value that differ in every run. These are only the ids and times that the
 * database makes while a script runs. Each becomes the number of the request that made it, so that
 * rows of different requests still differ.
 */
export function withoutChance(value: unknown, { starts }: Pick<Run, "starts">): unknown {
  const first = starts[0] ?? Date.now();
  const nameOf = (what: string, whole: string, time: number) => {
    if (!(time > first - DAY && time < first + LATEST)) return whole;
    const request = starts.findLastIndex((start) => start <= time);
    return request < 0 ? `<${what} of before>` : `<${what} of request ${request}>`;
  };
  return mapTexts(value, (text) =>
    text
      .replace(UUID, (whole, head: string) =>
        nameOf("id", whole, Number.parseInt(head.replace("-", ""), 16)),
      )
      .replace(TOKEN, "<token>")
      .replace(SUFFIX, "$1-<suffix>")
      .replace(TIME, (whole) => nameOf("time", whole, timeOf(whole))),
  );
}

/** Prepares an answer for a comparison: replaces random parts, and sorts rows without an order. */
export function comparableAnswer(
  answer: Answer,
  request: Request,
  run: Run,
  relations: Relation[],
): Answer {
  const { data, ...rest } = withoutChance(withoutGuess(answer, request), run) as Answer;
  const isChat = "relation" in request && request.relation === "ai_conversations";
  const isSpread = "select" in request && request.select?.includes("...");
  // This relation embeds no other, but has a column with the name of one: messages.
  const names = new Set(isChat ? [] : relations.map(({ name }) => name));
  // Each column of a spread relation is a list.
  const rows = sortEmbedded(data, (name) => isSpread === true || names.has(name));
  if (isOrdered(request)) return { ...rest, data: rows };
  if (Array.isArray(rows)) return { ...rest, data: sorted(rows) };
  const isCsv = request.verb === "select" && typeof rows === "string";
  return { ...rest, data: isCsv ? rows.split("\n").sort() : rows };
}

/**
 * Removes a count that the planner estimated, and the status that depends on it: 206 for a page
 * before the estimated end. `docs/threats.md` says what such a count can reveal.
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

/** Sorts embedded rows on every level, because they have no defined order. */
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

/** Returns the milliseconds of a time in the format of JSON or of Postgres. */
function timeOf(text: string): number {
  return Date.parse(text.replace(" ", "T").replace(/([+-]\d\d)$/, "$1:00"));
}
