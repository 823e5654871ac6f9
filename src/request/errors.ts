import type { PostgrestError } from "@supabase/supabase-js";

/**
 * What the helpers throw: the database's or the API's refusal, or the failure to reach them.
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
   * The SQLSTATE (`42501` not allowed, `23505` exists already, …), PostgREST's own code (`PGRST…`), or
   * an empty text when there was no answer at all.
   */
  readonly code: string;
  readonly details: string | null;
  readonly hint: string | null;

  constructor(cause: Pick<PostgrestError, "message" | "code" | "details" | "hint">) {
    super(cause.message, { cause });
    this.code = cause.code ?? "";
    this.details = cause.details || null;
    this.hint = cause.hint || null;
  }

  /**
   * In words that an app can show, in English: without names of tables, constraints and policies,
   * which `message` is full of. Apps in other languages choose their words by `code`.
   */
  get displayMessage(): string {
    if (OUR_OWN.has(this.code)) return sentence(this.message);
    const [, words] = WORDS.find(([codes]) => codes.test(this.code)) ?? [];
    return words ?? "Something went wrong. Please try again.";
  }
}

/** Codes whose messages are those of this schema's functions and triggers, written to be read. */
const OUR_OWN = new Set(["22023", "55000", "P0002"]);

const WORDS: [codes: RegExp, words: string][] = [
  [/^$/, "The server cannot be reached. Please check the connection."],
  [/^42501$/, "You are not allowed to do that."],
  [/^PGRST30[0-3]$/, "Your session has expired. Please sign in again."],
  [/^PGRST116$|^23503$/, "It is not there, or no longer."],
  [/^23505$/, "That exists already."],
  [/^(22|23)/, "Something in it is missing or not valid."],
  [/^57014$/, "That took too long. Please try again."],
  [/^(08|53)/, "The server is busy. Please try again."],
];

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1).replace(/\.$/, "")}.`;
}
