import type { Caller } from "../callers.ts";
import type { Size } from "../data/size.ts";
import { readsOf } from "./reads.ts";
import { increment, messageInsert } from "./writes.ts";

/** Returns all reads and writes of the caller's own data, by key in the results. */
export function operationsOf(caller: Caller, size: Size) {
  return {
    ...readsOf(caller),
    message_insert: messageInsert(caller),
    increment: increment(size),
  };
}
