import fc from "fast-check";
import type { Routine } from "./catalog.ts";
import { hostileText, hostileValue } from "./hostile.ts";
import type { Caller } from "./people.ts";
import type { RequestOf } from "./requests.ts";
import { mostly, sometimes } from "./sometimes.ts";
import { valueFor } from "./values.ts";

/** Returns a call of a function, which the caller may or may not be allowed to call. */
export function callOf(routine: Routine, caller: Caller): fc.Arbitrary<RequestOf<"call">> {
  const values = routine.args.map((arg) => [
    arg.name,
    mostly(12, valueFor({ ...arg, of: routine.name }, caller), fc.constant(undefined)),
  ]);
  const args = fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>);
  const wrong = fc.tuple(hostileText, hostileValue).map(([name, value]) => ({ [name]: value }));
  return fc.record({
    verb: fc.constant("call"),
    function: fc.constant(routine.name),
    args: mostly(
      15,
      args,
      fc.tuple(args, wrong).map(([right, more]) => ({ ...right, ...more })),
    ),
    method: sometimes(4, mostly(3, fc.constant("GET" as const), fc.constant("HEAD" as const))),
    count: sometimes(8, fc.constant("exact")),
  });
}
