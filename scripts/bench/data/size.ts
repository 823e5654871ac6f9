/** The amount of data. All numbers grow with the scale, but the rows per user do not. */
export interface Size {
  tenants: number;
  users: number;
  conversations: number;
  messages: number;
  sessions: number;
  /** The messages of the creative director. */
  turns: number;
  embeddings: number;
}

/** Rows per user. */
export const CONVERSATIONS_OF_USER = 10;
export const USAGE_DAYS = 100;
export const SESSIONS_OF_USER = 2;

/** Messages per conversation. One conversation in ten is long. */
export const SHORT_CONVERSATION = 20;
export const LONG_CONVERSATION = 120;

/** Messages per session. */
export const TURNS_OF_SESSION = 20;

/**
 * Returns the size of the benchmark data.
 *
 * @param scale 1 for 1,000 tenants with 3 million messages
 * @param options.embeddings false for no embeddings, which take longest to load
 */
export function sizeOf(scale: number, { embeddings = true } = {}): Size {
  const users = Math.round(10_000 * scale);
  const conversations = users * CONVERSATIONS_OF_USER;
  return {
    tenants: Math.round(1_000 * scale),
    users,
    conversations,
    messages: (conversations / 10) * (9 * SHORT_CONVERSATION + LONG_CONVERSATION),
    sessions: users * SESSIONS_OF_USER,
    turns: users * SESSIONS_OF_USER * TURNS_OF_SESSION,
    embeddings: embeddings ? Math.round(200_000 * scale) : 0,
  };
}
