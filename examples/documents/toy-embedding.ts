/**
 * Stands in for an embedding model, so that the example runs offline. Do not use it in production.
 */
import { createHash } from "node:crypto";
import { EMBEDDING_DIMENSIONS } from "supabase-ai-schema";

/** Words to leave out, because they occur in most texts. */
const STOP_WORDS = new Set(
  "a an and are as at be by can do does for how i in is it my of on or the to we when you".split(
    " ",
  ),
);

/**
 * Returns a vector of word counts: the hash of a word chooses its dimension. The more words two
 * texts share, the more similar they are. Only a real model would find that "refund" and "money
 * back" mean the same.
 *
 * @returns {@link EMBEDDING_DIMENSIONS} numbers, a vector of length 1; the same words give the same
 *   vector
 * @throws RangeError when the text has no words, because the vector would be zero
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

/** Removes a plural s, so that "refunds" and "refund" are the same word. */
function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/\p{L}+/gu) ?? [])
    .filter((word) => !STOP_WORDS.has(word))
    .map((word) => word.replace(/(?<=\p{L}{3})s$/u, ""));
}
