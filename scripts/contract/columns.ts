import { randomUUID } from "node:crypto";

/** A value, or how to make one that nothing else has. */
export type Value = unknown | (() => unknown);

/** What a signed-in caller may do with a column of a row that is theirs, and values to try it with. */
export interface Column {
  insert: boolean;
  update: boolean;
  /** A value for an update: another one than a valid row has. */
  other: Value;
  /** The SQLSTATE of that update, where neither the missing grant (42501) nor success is the answer. */
  refusal?: string;
  /** Values of the rows that stand beside each other in random tests, alike or the same everywhere. */
  samples?: readonly [unknown, unknown, unknown];
  /** Planned counts may know its values: the schema or the application chooses them, not people. */
  keepsStatistics?: true;
}

type More = Omit<Partial<Column>, "insert" | "update" | "other">;

/** Written by the database or the service role alone. */
export const closed = (other: Value, more: More = {}): Column => {
  return { insert: false, update: false, other, ...more };
};

/** Made by the database from other columns (SQLSTATE generated_always). */
export const generated = (other: Value, more: More = {}): Column => {
  return closed(other, { refusal: "428C9", ...more });
};

/** Chosen with the row, and never changed. */
export const fixed = (other: Value, more: More = {}): Column => {
  return { insert: true, update: false, other, ...more };
};

/** Written at any time. */
export const open = (other: Value, more: More = {}): Column => {
  return { insert: true, update: true, other, ...more };
};

/** Changed in a row that only the service role makes. */
export const changeable = (other: Value, more: More = {}): Column => {
  return { insert: false, update: true, other, ...more };
};

/** The id of another row, of nobody's. */
export const anyId = (): string => randomUUID();

/** Another time, and another day. */
export const anyTime = "2020-01-01";

export const generatedId = closed(anyId);
export const stampedTime = closed(anyTime);

/** Texts that many rows share. */
export const texts = ["Hello", "Hello again", "Refunds"] as const;

/** Objects that many rows share. */
export const objects = [{}, { source: "manual", page: 1 }, { source: "manual", page: 2 }] as const;

/** Evaluates a value that is made anew each time. */
export function evaluate(value: Value): unknown {
  return typeof value === "function" ? value() : value;
}

/** A short random name. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

/** A day of the past, another one each time: `YYYY-MM-DD`. */
export function uniqueDay(): string {
  lastDay = (lastDay + 1) % DAYS;
  return new Date(lastDay * 86_400_000).toISOString().slice(0, 10);
}

/** From 1970 to 2024, so that no row counts among those of the last months. */
const DAYS = 20_000;
let lastDay = Math.floor(Math.random() * DAYS);
