import type { PGlite } from "@electric-sql/pglite";
import { WireError } from "./wire.ts";

/** The function of PGlite that runs one message. It is private, and its name is fixed by Postgres. */
interface Internals {
  mod: { _PostgresMainLoopOnce: () => void };
}

/**
 * Watches for statements that overflow the stack of WebAssembly, such as an endless recursion. PGlite
 * ignores this error: it would never answer, and its memory is in an undefined state.
 * `max_stack_depth` does not help: the engine does not notice its depth, whatever the limit.
 *
 * @returns a function that returns the error after an overflow
 */
export function watchStackOverflow(db: PGlite): () => WireError | undefined {
  const { mod } = db as unknown as Internals;
  const run = mod._PostgresMainLoopOnce;
  let overflow: WireError | undefined;
  mod._PostgresMainLoopOnce = () => {
    try {
      run();
    } catch (error) {
      if (error instanceof RangeError) overflow = new WireError("54001", MESSAGE);
      throw error;
    }
  };
  return () => overflow;
}

const MESSAGE =
  "a statement overflowed the stack of the engine: an endless recursion, or too many nested levels";
