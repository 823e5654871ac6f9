import type { PostgrestError } from "@supabase/supabase-js";
import { messages } from "../schema/messages.js";

/**
 * The error that all helpers throw when the database or the API refuses a request, or when no
 * answer arrives. Every helper fails with `42501` when the caller is not signed in.
 *
 * @example
 * try {
 *   await sendMessage(supabase, conversation.id, { content });
 * } catch (error) {
 *   if (error instanceof DatabaseError) showToast(error.displayMessage);
 *   else throw error;
 * }
 */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  /**
   * The SQLSTATE (`42501` not allowed, `23505` already exists, …), a code of PostgREST (`PGRST…`),
   * or an empty string when no answer arrived.
   */
  readonly code: string;
  /** More about the cause, or null. */
  readonly details: string | null;
  /** What to do about it, or null. */
  readonly hint: string | null;

  constructor(cause: Pick<PostgrestError, "message" | "code" | "details" | "hint">) {
    super(cause.message, { cause });
    this.code = cause.code ?? "";
    this.details = cause.details || null;
    this.hint = cause.hint || null;
  }

  /**
   * A text in English that an app can show to its users. Unlike `message`, it contains no names of
   * tables, constraints or policies. An app in another language chooses its text by `code`.
   */
  get displayMessage(): string {
    if (OUR_OWN.some((format) => format.test(this.message))) return sentence(this.message);
    const error = `${this.code} ${this.message}`;
    const [, words] = WORDS.find(([errors]) => errors.test(error)) ?? [];
    return words ?? "Something went wrong. Please try again.";
  }
}

/** The messages of this package and of the schema's functions. An app can show them unchanged. */
const OUR_OWN = [
  "limit must be between % and %, not %",
  "a day must have the form YYYY-MM-DD, not %",
  ...messages,
].map((format) => new RegExp(`^${format.split("%").map(asPattern).join(".*")}$`, "s"));

/** The texts for all other errors, by the beginning of code and message. */
const WORDS: [errors: RegExp, words: string][] = [
  [/^ /, "Cannot reach the server. Please check your connection."],
  [/^42501 /, "You are not allowed to do that."],
  [/^PGRST30[0-3] /, "Your session has expired. Please sign in again."],
  [/^23503 update or delete /, "This item is still in use."],
  [/^(PGRST116|P0002|23503) /, "This item no longer exists."],
  [/^23505 /, "This item already exists."],
  [/^23514 .*_(is|has)_at_most_/, "Some values are too long."],
  [/^(22|23)/, "Some values are missing or not valid."],
  [/^57014 /, "The request took too long. Please try again."],
  [/^(08|53)/, "The server is busy. Please try again."],
];

function asPattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}
