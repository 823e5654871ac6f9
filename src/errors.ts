import type { PostgrestError } from "@supabase/supabase-js";

/**
 * What the helpers throw: the database's or the API's refusal, in words that an app can show.
 * `code` is the SQLSTATE (`42501` not allowed, `23505` exists already, …) or PostgREST's own.
 */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly code: string;
  readonly details: string | null;
  readonly hint: string | null;

  constructor(cause: PostgrestError) {
    super(cause.message, { cause });
    this.code = cause.code;
    this.details = cause.details;
    this.hint = cause.hint;
  }
}

/** The data of an answer; throws its error as a {@link DatabaseError}. */
export function unwrap<T>({ data, error }: { data: T; error: PostgrestError | null }) {
  if (error) throw new DatabaseError(error);
  return data as NonNullable<T>;
}
