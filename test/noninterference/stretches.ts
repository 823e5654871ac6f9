import { chatIds, documentIds, guessedTextIds } from "./ids.ts";
import type { Row } from "./rows.ts";
import * as rows from "./rows.ts";

/** A stretch of somebody's data. */
export interface Stretch {
  /** One row of each kind, for the further ones to hang on. */
  stem: Row[];
  further: Row[];
}

const variants = [0, 1, 2];

export function joined(stretches: Stretch[]): Stretch {
  return {
    stem: stretches.flatMap(({ stem }) => stem),
    further: stretches.flatMap(({ further }) => further),
  };
}

/** A user's rows in the assistant platform, whose ids have these numbers; the stem has the first. */
export function platformOf(
  place: rows.Place,
  numbers: number[],
  messageNumbers: number[] = numbers,
): Stretch {
  const [conversation] = numbers as [number];
  const [message] = messageNumbers as [number];
  return joined([
    {
      stem: [
        rows.conversation(place, conversation, 0),
        rows.message(place, conversation, message, 1),
        rows.feedback(place, message, conversation, 1),
      ],
      further: [
        ...each(numbers, (number, variant) => [rows.conversation(place, number, variant)]),
        ...each(messageNumbers, (number, variant) => [
          rows.message(place, conversation, number, variant),
        ]),
      ],
    },
    usageOf(place, numbers),
  ]);
}

export function usageOf(place: rows.Place, numbers: number[]): Stretch {
  const [first] = numbers as [number];
  return {
    stem: [rows.usage(place, first, 0)],
    further: each(numbers, (number, variant) => [rows.usage(place, number, variant)]),
  };
}

/** A person's sessions with the creative director. */
export function sessionsOf(desk: rows.Desk, numbers: number[]): Stretch {
  const [first] = numbers as [number];
  return {
    stem: [rows.session(desk, first, 0), rows.sessionMessage(desk, first, first, 1)],
    further: each(numbers, (number, variant) => [
      rows.session(desk, number, variant),
      rows.sessionMessage(desk, first, number, variant),
    ]),
  };
}

/** A person's rows in the AI integration, where everybody uses the same ids. */
export function integrationOf(account: string, numbers: number[]): Stretch {
  const [first] = numbers as [number];
  const chats = [...chatIds, ...guessedTextIds];
  const documents = [...documentIds, ...guessedTextIds];
  return {
    stem: [
      rows.chat(account, chats[0] as string, 0),
      rows.document(account, documents[0] as string, 0),
      rows.call("ai_usage", account, first, 0),
      rows.call("ai_usage_archive", account, first, 0),
    ],
    further: [
      ...each(chats, (id, variant) => [rows.chat(account, id, variant)]),
      ...each(documents, (id, variant) => [rows.document(account, id, variant)]),
      ...each(numbers, (number, variant) => [
        rows.call("ai_usage", account, number, variant),
        rows.call("ai_usage_archive", account, number, variant),
      ]),
    ],
  };
}

/** A tenant's brands. */
export function brandsOf(place: rows.Place, numbers: number[]): Stretch {
  const [first] = numbers as [number];
  return {
    stem: [rows.brand(place, first, 0)],
    further: each(numbers, (number, variant) => [rows.brand(place, number, variant)]),
  };
}

function each<T>(items: T[], rowsOf: (item: T, variant: number) => Row[]): Row[] {
  return items.flatMap((item) => variants.flatMap((variant) => rowsOf(item, variant)));
}
