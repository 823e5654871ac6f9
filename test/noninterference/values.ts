import fc from "fast-check";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import { messageRoles, sessionStates, userRoles } from "../../src/index.ts";

import { hostileValue } from "./hostile.ts";
import { chatIds, documentIds, guessedTextIds } from "./ids.ts";
import { idFor, type Slot } from "./known-ids.ts";
import type { Caller } from "./people.ts";
import { texts } from "./rows.ts";
import { mostly } from "./sometimes.ts";

/** Values for a column: fitting ones most of the time, anything at all now and then. */
export function valueFor(slot: Slot, caller: Caller): fc.Arbitrary<unknown> {
  return mostly(24, fittingValueFor(slot, caller), hostileValue);
}

/** Values of the column's type, among which are the ids of everybody's rows. */
export function fittingValueFor(slot: Slot, caller: Caller): fc.Arbitrary<unknown> {
  const { name, type } = slot;
  if (type === "uuid") return idFor(slot, caller);
  if (type === "uuid[]") return fc.array(idFor(slot, caller), { maxLength: 2 });
  if (type === "text") return textFor(slot);
  if (type === "boolean") return fc.boolean();
  if (type === "jsonb") return jsonFor(name);
  if (type === "date") return fc.constantFrom("2025-01-15", "today", "yesterday", "2024-12-01");
  if (type.startsWith("timestamp")) {
    return fc.constantFrom("2025-03-01T12:00:00Z", "2024-01-01", "2030-01-01");
  }
  if (type.endsWith("vector")) return vectors;
  if (name === "rating") return fc.constantFrom(1, -1, 0);
  if (/^(smallint|integer|bigint)$/.test(type)) {
    return mostly(6, fc.constantFrom(0, 1, 10, 1000), fc.constantFrom(-1, 2 ** 31));
  }
  return mostly(6, fc.constantFrom(0, 0.25, 0.5, 1), fc.constantFrom(-1, 1e30, "NaN", "Infinity"));
}

const vectors = fc.oneof(
  fc.constantFrom(vector(1), vector(1, 0.001), vector(1, 0.002), vector(0, 1)),
  fc.constantFrom(JSON.stringify(vector(1)), vector(), [1, 2, 3], "[1,2]"),
);

function textFor({ name, of }: Slot): fc.Arbitrary<string> {
  const isChat = ["ai_conversations", "append_to_ai_conversation"].includes(of);
  const words: Record<string, readonly string[]> = {
    id: isChat ? [...chatIds, ...guessedTextIds] : [...documentIds, "public-1", ...guessedTextIds],
    role: of === "users" ? userRoles : [...messageRoles, "tool"],
    state: sessionStates,
    slug: ["brand-0", "brand-1", "brand-2", "new-brand", "test-noninterference-2"],
    email: ["ben@noninterference.example", "nobody@noninterference.example"],
    operation_type: ["chat", "embedding"],
    model: ["gpt-4o", "gpt-4o-mini"],
    model_used: ["gpt-4o", "gpt-4o-mini"],
    provider: ["openai", "anthropic"],
  };
  return fc.constantFrom(...(words[name.replace(/^p_/, "")] ?? texts));
}

function jsonFor(name: string): fc.Arbitrary<unknown> {
  const isArray = /messages|questions$|_asked/.test(name) && name !== "answered_questions";
  if (isArray) return fc.constantFrom([], [{ role: "user", content: "Hello" }], ["Hello"]);
  return fc.constantFrom({}, { source: "manual" }, { source: "manual", page: 1 }, { page: 2 });
}
