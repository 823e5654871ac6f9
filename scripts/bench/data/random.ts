import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Returns a generator of numbers in [0, 1). The same seed always gives the same numbers. */
export function randomFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 0x1_0000_0000;
}
