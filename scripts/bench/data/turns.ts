import { END, START, TYPICAL_USERS } from "./people.ts";
import { randomFrom } from "./random.ts";
import { CONVERSATIONS_OF_USER, LONG_CONVERSATION, SHORT_CONVERSATION, type Size } from "./size.ts";

/** A message in a conversation. */
export interface Turn {
  message: number;
  conversation: number;
  /** The number of earlier messages in the conversation. */
  place: number;
  time: number;
  isLast: boolean;
}

/** The first conversations belong to the typical tenant. */
const TYPICAL_CONVERSATIONS = TYPICAL_USERS * CONVERSATIONS_OF_USER;
const TYPICAL_MESSAGES = TYPICAL_USERS * (9 * SHORT_CONVERSATION + LONG_CONVERSATION);

/** Milliseconds between two messages of such a conversation. */
const PAUSE = 15 * 60_000;

/** The number of concurrent conversations of the other tenants, whose rows therefore interleave. */
const AT_A_TIME = 200;

/**
 * Returns the user of a conversation. Outside the typical tenant, multiplying by the prime 7919
 * spreads the conversations of a user over the year.
 */
export function userOfConversation(conversation: number, { users }: Size): number {
  if (conversation < TYPICAL_CONVERSATIONS) return conversation % TYPICAL_USERS;
  const others = users - TYPICAL_USERS;
  return TYPICAL_USERS + (((conversation - TYPICAL_CONVERSATIONS) * 7919) % others);
}

/** Returns the number of messages. Each user has one long conversation. */
function lengthOf(conversation: number, { users }: Size): number {
  const isTypical = conversation < TYPICAL_CONVERSATIONS;
  const number = isTypical ? conversation : conversation - TYPICAL_CONVERSATIONS;
  const people = isTypical ? TYPICAL_USERS : users - TYPICAL_USERS;
  const isLong = (number + Math.floor(number / people)) % CONVERSATIONS_OF_USER === 0;
  return isLong ? LONG_CONVERSATION : SHORT_CONVERSATION;
}

/** Returns all messages, ordered by time. */
export function* turnsOf(size: Size): Iterable<Turn> {
  const typical = typicalTurns(size);
  let next = typical.next();
  for (const turn of turnsOfOthers(size)) {
    for (; !next.done && next.value.time <= turn.time; next = typical.next()) yield next.value;
    yield turn;
  }
}

/** The messages of the typical tenant: one conversation after another, the same at every scale. */
function* typicalTurns(size: Size): Generator<Turn> {
  let message = 0;
  for (let conversation = 0; conversation < TYPICAL_CONVERSATIONS; conversation += 1) {
    const share = (conversation + 0.5) / TYPICAL_CONVERSATIONS;
    const began = START + Math.floor(share * (END - START));
    const length = lengthOf(conversation, size);
    for (let place = 0; place < length; place += 1) {
      const time = began + place * PAUSE;
      yield { message, conversation, place, time, isLast: place === length - 1 };
      message += 1;
    }
  }
}

/** The messages of the other tenants, at equal distances, each in a random open conversation. */
function* turnsOfOthers(size: Size): Generator<Turn> {
  const random = randomFrom(1);
  const open: { conversation: number; said: number; length: number }[] = [];
  let next = TYPICAL_CONVERSATIONS;
  for (let message = TYPICAL_MESSAGES; message < size.messages; message += 1) {
    const share = (message + 1 - TYPICAL_MESSAGES) / (size.messages - TYPICAL_MESSAGES);
    const time = START + Math.floor(share * (END - START - 1));
    while (open.length < AT_A_TIME && next < size.conversations) {
      open.push({ conversation: next, said: 0, length: lengthOf(next, size) });
      next += 1;
    }
    const at = Math.floor(random() * open.length);
    const chat = open[at] as (typeof open)[number];
    const place = chat.said;
    chat.said += 1;
    const isLast = chat.said === chat.length;
    yield { message, conversation: chat.conversation, place, time, isLast };
    if (!isLast) continue;
    open[at] = open.at(-1) as typeof chat;
    open.pop();
  }
}
