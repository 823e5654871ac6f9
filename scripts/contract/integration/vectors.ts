import { EMBEDDING_DIMENSIONS } from "../../../src/index.ts";

/** A vector with these numbers in its first dimensions, and zeros in the rest. */
export function vector(...first: number[]): number[] {
  return [...first, ...new Array(EMBEDDING_DIMENSIONS - first.length).fill(0)];
}

/** A vector that has this cosine with `vector(1)`. */
export function vectorAt(similarity: number): number[] {
  return vector(similarity, Math.sqrt(1 - similarity ** 2));
}
