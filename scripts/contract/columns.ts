import { randomUUID } from "node:crypto";

/** A value, or a function that makes a new unique value. */
export type Value = unknown | (() => unknown);

/** The writes that a signed-in caller may make to a column of their own row, with test values. */
export interface Column {
  insert: boolean;
  update: boolean;
  /** A value for an update. It differs from the value of a valid row. */
  other: Value;
  /** The SQLSTATE when that update fails for another reason than a missing grant (42501). */
  refusal?: string;
  /** The maximum, above which the check of {@link limitOf} refuses a value. */
  atMost?: AtMost;
  /** Values of neighbouring rows in the random tests. They are similar, or the same in all rows. */
  samples?: readonly [unknown, unknown, unknown];
  /**
   * Postgres keeps statistics on the column, so planned counts reveal its values. This is safe
   * because the schema or the application chooses the values, not a person.
   */
  keepsStatistics?: true;
}

/**
 * The maximum of a text, an array, or a JSON value in its binary form. A kilobyte has 1,024 bytes.
 */
export type AtMost = { characters: number } | { kilobytes: number } | { elements: number };

type More = Omit<Partial<Column>, "insert" | "update" | "other">;

/** A column that only the database or the service role writes. */
export const closed = (other: Value, more: More = {}): Column => {
  return { insert: false, update: false, other, ...more };
};

/** A generated column, which refuses writes with generated_always (428C9). */
export const generated = (other: Value, more: More = {}): Column => {
  return closed(other, { refusal: "428C9", ...more });
};

/** A column that callers set on insert and never change. */
export const fixed = (other: Value, more: More = {}): Column => {
  return { insert: true, update: false, other, ...more };
};

/** A column that callers set on insert and update. */
export const open = (other: Value, more: More = {}): Column => {
  return { insert: true, update: true, other, ...more };
};

/** A column that callers update, in a row that only the service role inserts. */
export const changeable = (other: Value, more: More = {}): Column => {
  return { insert: false, update: true, other, ...more };
};

/** Returns a random id that no row has. */
export const anyId = (): string => randomUUID();

/** A time and date that no other test row has. */
export const anyTime = "2020-01-01";

export const generatedId = closed(anyId);
export const stampedTime = closed(anyTime);

/** Texts that many rows share. */
export const texts = ["Hello", "Hello again", "Refunds"] as const;

/** Objects that many rows share. */
export const objects = [{}, { source: "manual", page: 1 }, { source: "manual", page: 2 }] as const;

/**
 * Returns the name of the check that enforces the maximum of a column, a value at this maximum, and
 * a value above it.
 */
export function limitOf(table: string, column: string, other: Value, atMost: AtMost) {
  const [maximum, size] =
    "elements" in atMost
      ? [`has_at_most_${atMost.elements}`, atMost.elements]
      : "characters" in atMost
        ? [`is_at_most_${atMost.characters}_long`, atMost.characters]
        : [`is_at_most_${atMost.kilobytes}_kb`, atMost.kilobytes * 1024];
  const filled = fillerOf(other, atMost);
  // The binary form of a JSON value also has headers.
  const isJson = "kilobytes" in atMost && typeof other !== "string";
  return {
    check: `${table}_${column}_${maximum}_check`,
    highest: filled(isJson ? size - 200 : size),
    above: filled(size + 1),
  };
}

/** Returns a function that makes a value of a size from a test value. */
function fillerOf(other: Value, atMost: AtMost): (size: number) => unknown {
  if ("elements" in atMost) return (size) => Array(size).fill((other as unknown[])[0]);
  if (typeof other === "string") {
    // Unique, because a slug or an address may exist only once.
    const filler = randomUUID().replaceAll("-", "");
    return (size) => other.padStart(size, filler);
  }
  if (Array.isArray(other)) return (size) => [...other, "x".repeat(size)];
  return (size) => ({ ...(other as object), filler: "x".repeat(size) });
}

/** Returns the value, calling it first if it is a function. */
export function evaluate(value: Value): unknown {
  return typeof value === "function" ? value() : value;
}

/** Returns a short random name. */
export function uniqueName(prefix: string): string {
  return `${prefix}-${randomUUID().slice(0, 13)}`;
}

/** Returns a past day as `YYYY-MM-DD`: a different day per call. */
export function uniqueDay(): string {
  lastDay = (lastDay + 1) % DAYS;
  return new Date(lastDay * 86_400_000).toISOString().slice(0, 10);
}

/** The days from 1970 to 2024, so that no row falls into the last months. */
const DAYS = 20_000;
let lastDay = Math.floor(Math.random() * DAYS);
