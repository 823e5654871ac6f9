import { randomFrom } from "./random.ts";

/** A table's rows, as `copy` reads them: one text a row, its values parted by tabs. */
export interface TableRows {
  table: string;
  columns: string[];
  count: number;
  rows: () => Iterable<string>;
}

export const MODELS = ["gpt-4o-mini", "gpt-4o", "claude-sonnet", "gemini-flash"];

/** A number from 0 to below 1 that is the same for the same number; cheaper than {@link randomFrom}. */
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

/** A text of that length, the same for the same number. */
export function textOf(number: number, length: number): string {
  const from = (Math.imul(number + 1, 0x85ebca6b) >>> 0) % (TEXT.length - length);
  return TEXT.slice(from, from + length).replace(/^ | $/g, "x");
}
