import fc from "fast-check";
import type { Typed } from "./catalog.ts";
import { brandNumbers, guessedNumbers, idOf, type Kind, NIL, numbersOf } from "./ids.ts";
import { TENANT } from "./own-world.ts";
import { type Caller, carl, members, type Person } from "./people.ts";

/** A column of a relation, or an argument of a function. */
export interface Slot extends Typed {
  /** The name of the relation, or of the function. */
  of: string;
}

const kindsOfRows: Record<string, Kind> = {
  tenants: "tenant",
  users: "user",
  conversations: "conversation",
  messages: "message",
  feedback: "feedback",
  usage_metrics: "usage",
  brands: "brand",
  conversation_sessions: "session",
  conversation_messages: "sessionMessage",
};

const kindsOfReferences: Record<string, Kind> = {
  tenant_id: "tenant",
  conversation_id: "conversation",
  message_id: "message",
  brand_id: "brand",
  session_id: "session",
};

/** Ids of the caller's own rows, of others', and of none; or that of a row that the script makes. */
export function idFor(slot: Slot, { person }: Caller): fc.Arbitrary<string> {
  const { own, foreign } = knownIds(slot, person ?? carl);
  return fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...own) },
    { weight: 3, arbitrary: fc.constantFrom(...foreign) },
    { weight: 1, arbitrary: fc.constantFrom("{made 0}", "{made 1}", NIL) },
  );
}

function knownIds({ name, of }: Slot, self: Person) {
  const column = name.replace(/^p_/, "");
  if (/^(user|auth|owner)_id$/.test(column)) {
    const theirs = members.flatMap(({ person }) => [person.membership, person.account]);
    return {
      own: [self.membership, self.account],
      foreign: [...theirs, idOf("user", 901), idOf("otherAccount", 2)],
    };
  }
  const kind =
    kindsOfReferences[column] ?? (column === "id" ? kindsOfRows[of] : undefined) ?? "call";
  if (kind === "tenant") {
    return { own: [TENANT], foreign: [2, 3, 901].map((number) => idOf(kind, number)) };
  }
  const owned: Partial<Record<Kind, readonly number[]>> = {
    brand: brandNumbers,
    user: [self.number],
    conversation: numbersOf(self).slice(0, 2),
  };
  return {
    own: (owned[kind] ?? numbersOf(self)).map((number) => idOf(kind, number)),
    foreign: [...numbersOf(carl), ...guessedNumbers].map((number) => idOf(kind, number)),
  };
}
