import type { Caller } from "../callers.ts";
import type { Size } from "../data/size.ts";
import { readsOf } from "./reads.ts";
import { increment, messageInsert } from "./writes.ts";

/** All that callers read and write of their own, by its key in the results. */
export function operationsOf(caller: Caller, size: Size) {
  return {
    ...readsOf(caller),
    message_insert: messageInsert(caller),
    increment: increment(size),
  };
}
