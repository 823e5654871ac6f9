import { EMBEDDING_DIMENSIONS } from "../../../src/index.ts";

/** Returns a vector with these numbers in its first dimensions and zeros in the rest. */
export function vector(...first: number[]): number[] {
  return [...first, ...new Array(EMBEDDING_DIMENSIONS - first.length).fill(0)];
}

/** Returns a vector whose cosine similarity to `vector(1)` is this. */
export function vectorAt(similarity: number): number[] {
  return vector(similarity, Math.sqrt(1 - similarity ** 2));
}
