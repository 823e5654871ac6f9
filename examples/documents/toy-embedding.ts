/** A stand-in for an embedding model, so that the example runs offline. Not for real use. */
import { createHash } from "node:crypto";
import { EMBEDDING_DIMENSIONS } from "supabase-ai-schema";

/** Words that are in every text, and so tell none from another. */
const STOP_WORDS = new Set(
  "a an and are as at be by can do does for how i in is it my of on or the to we when you".split(
    " ",
  ),
);

/**
 * Counts words: each has one of the vector's dimensions, by its hash. Texts are as similar as the
 * words that they share, while a model would know that "refund" and "money back" are one.
 *
 * @returns {@link EMBEDDING_DIMENSIONS} numbers, of length 1; the same for the same words
 * @throws RangeError when there is no word in the text: such a vector would be all zeros
 */
export function embedAsToy(text: string): number[] {
  const vector = new Array<number>(EMBEDDING_DIMENSIONS).fill(0);
  for (const word of wordsOf(text)) {
    const dimension = createHash("sha256").update(word).digest().readUInt32BE() % vector.length;
    vector[dimension] = (vector[dimension] ?? 0) + 1;
  }
  const length = Math.hypot(...vector);
  if (length === 0) throw new RangeError("the text has no words");
  return vector.map((count) => count / length);
}

/** Without the plural's s, or "refunds" would be another word. */
function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}+/gu) ?? [])
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => word.replace(/(?<=\p{L}{3})s$/u, ""));
}
