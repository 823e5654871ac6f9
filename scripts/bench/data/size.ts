/** How much data there is: everything in proportion, but for what one person has. */
export interface Size {
  tenants: number;
  users: number;
  conversations: number;
  messages: number;
  sessions: number;
  /** Of the director. */
  turns: number;
  embeddings: number;
}

/** Of each person. */
export const CONVERSATIONS_OF_USER = 10;
export const USAGE_DAYS = 100;
export const SESSIONS_OF_USER = 2;

/** Of each conversation, one in ten is long. */
export const SHORT_CONVERSATION = 20;
export const LONG_CONVERSATION = 120;

/** Of each session. */
export const TURNS_OF_SESSION = 20;

/**
 * The size of the benchmark's data.
 *
 * @param scale 1 for 1,000 tenants with 3 million messages
 * @param options.embeddings false for none: they take longest to load, and some questions need none
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
