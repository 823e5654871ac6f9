import { RelationNotFoundError } from "@supabase/lite";
import { isPostgresFailure, PassedOnError } from "./postgrest-connection.ts";

/**
 * Makes this process fit to serve the API, for the command that owns it: nothing else may change what
 * all objects of a process have, or what it prints.
 */
export function hardenProcess(): void {
  lockObjects();
  const print = console.error;
  console.error = (...values: unknown[]) => isRefusal(values[0]) || print(...values);
}

/**
 * Keeps requests from changing what all objects of this process have: the library keeps what they ask
 * in plain objects, under names that they choose, such as `__proto__` and `constructor`.
 */
function lockObjects() {
  for (const shared of Object.values(Object.getOwnPropertyDescriptors(Object.prototype))) {
    if (typeof shared.value === "function") Object.preventExtensions(shared.value);
  }
  Object.preventExtensions(Object.prototype);
}

/**
 * `@supabase/lite` prints every error that it passes on to a client, stack and all. Those that
 * Postgres raised, relations that are not there and queries that cannot be read are answers, not
 * faults of the stack; anything else is still printed.
 */
function isRefusal(value: unknown): boolean {
  return (
    isPostgresFailure(value) ||
    value instanceof PassedOnError ||
    value instanceof RelationNotFoundError ||
    (value instanceof Error && UNREADABLE.test(value.message))
  );
}

/** How the library says that a filter, a select list or an order cannot be read (PGRST100). */
const UNREADABLE =
  /^("failed to parse |Invalid filter expression|Expected .* at position|Unexpected)/;
