import fc from "fast-check";

/** Returns a value one time in `oneIn`, and undefined otherwise. Shrinks to undefined. */
export function sometimes<T>(oneIn: number, arbitrary: fc.Arbitrary<T>) {
  return mostly(oneIn - 1, fc.constant(undefined), arbitrary);
}

/** Returns the usual value `weight` times as often as the unusual one. Shrinks to the usual one. */
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
