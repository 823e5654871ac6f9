import { randomFrom } from "./random.ts";

/** The rows of a table in the text format of `copy`: one string per row, values separated by tabs. */
export interface TableRows {
  table: string;
  columns: string[];
  count: number;
  rows: () => Iterable<string>;
}

export const MODELS = ["gpt-4o-mini", "gpt-4o", "claude-sonnet", "gemini-flash"];

/** Hashes a number to a number in [0, 1). Faster than {@link randomFrom}. */
export function randomOf(number: number): number {
  return ((Math.imul(number + 1, 0x9e3779b1) >>> 0) % 10_007) / 10_007;
}

export function iso(time: number): string {
  return new Date(time).toISOString();
}

const WORDS = "the of and to in is you that it he was for on are as with his they at be".split(" ");
const TEXT = (() => {
  const random = randomFrom(2);
  let text = "";
  while (text.length < 1 << 20) text += `${WORDS[Math.floor(random() * WORDS.length)]} `;
  return text;
})();

/** Returns a text of this length. The same number always gives the same text. */
export function textOf(number: number, length: number): string {
  const from = (Math.imul(number + 1, 0x85ebca6b) >>> 0) % (TEXT.length - length);
  return TEXT.slice(from, from + length).replace(/^ | $/g, "x");
}
