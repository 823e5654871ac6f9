import fc from "fast-check";

/** A value once in so many times, and none otherwise, which is also what it shrinks to. */
export function sometimes<T>(oneIn: number, arbitrary: fc.Arbitrary<T>) {
  return mostly(oneIn - 1, fc.constant(undefined), arbitrary);
}

/** The first so many times as often as the second, and what that shrinks to. */
export function mostly<A, B>(
  weight: number,
  usual: fc.Arbitrary<A>,
  unusual: fc.Arbitrary<B>,
): fc.Arbitrary<A | B> {
  return fc.oneof(
    { withCrossShrink: true },
    { weight, arbitrary: usual },
    { weight: 1, arbitrary: unusual },
  );
}
