import { RelationNotFoundError } from "@supabase/lite";
import { isPostgresFailure, PassedOnError } from "./postgrest-connection.ts";

/**
 * Prepares this process to serve the API. Changes `Object.prototype` and `console.error` for the
 * whole process, so only the command that owns the process may call this.
 */
export function hardenProcess(): void {
  lockObjects();
  const print = console.error;
  console.error = (...values: unknown[]) => isRefusal(values[0]) || print(...values);
}

/**
 * Prevents requests from adding properties to all objects of this process. The library stores parts
 * of a request in plain objects, under names from the request, such as `__proto__` and
 * `constructor`.
 */
function lockObjects() {
  for (const shared of Object.values(Object.getOwnPropertyDescriptors(Object.prototype))) {
    if (typeof shared.value === "function") Object.preventExtensions(shared.value);
  }
  Object.preventExtensions(Object.prototype);
}

/**
 * Returns true for errors that need no log line. `@supabase/lite` prints every error that it
 * returns to a client, with its stack trace. Errors of Postgres, unknown relations and malformed
 * queries are answers, not faults of the stack. All other errors are still printed.
 */
function isRefusal(value: unknown): boolean {
  return (
    isPostgresFailure(value) ||
    value instanceof PassedOnError ||
    value instanceof RelationNotFoundError ||
    (value instanceof Error && UNREADABLE.test(value.message))
  );
}

/** Matches the library's errors for a malformed filter, select list or order (PGRST100). */
const UNREADABLE =
  /^("failed to parse |Invalid filter expression|Expected .* at position|Unexpected)/;
