import fc from "fast-check";
import { objects, texts } from "../../scripts/contract/columns.ts";
import { columnsOf, tableNames } from "../../scripts/contract/index.ts";
import { vector } from "../../scripts/contract/integration/vectors.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { checks } from "../../src/schema/checks.ts";

import { hostileValue } from "./hostile.ts";
import { guessedTextIds, idOf, publicTextId, sharedNumbers, textIds } from "./ids.ts";
import { idFor, type Slot } from "./known-ids.ts";
import type { Caller } from "./people.ts";
import { mostly } from "./sometimes.ts";

/** Returns a value for a column or argument: usually of its type, now and then any value. */
export function valueFor(slot: Slot, caller: Caller): fc.Arbitrary<unknown> {
  return mostly(24, fittingValueFor(slot, caller), hostileValue);
}

/** Returns a value of the type of a column or argument. Ids may be those of others' rows. */
export function fittingValueFor(slot: Slot, caller: Caller): fc.Arbitrary<unknown> {
  const { name, type } = slot;
  if (type === "uuid") return idFor(slot, caller);
  if (type === "uuid[]") return fc.array(idFor(slot, caller), { maxLength: 2 });
  if (type === "text") return textFor(slot);
  if (type === "boolean") return fc.boolean();
  if (type === "jsonb") return jsonFor(slot);
  if (type === "interval") return fc.constantFrom("1 day", "30 days", "31 days", "-1 hour");
  if (type === "date") return fc.constantFrom("2025-01-15", "today", "yesterday", "2024-12-01");
  if (type.startsWith("timestamp")) {
    return fc.constantFrom("2025-03-01T12:00:00Z", "2024-01-01", "2030-01-01");
  }
  if (type.endsWith("vector")) return vectors;
  if (name === "rating") return fc.constantFrom(1, -1, 0);
  if (name === "p_max_uses") return fc.constantFrom(1, 1, 2, 0);
  if (/^(smallint|integer|bigint)$/.test(type)) {
    return mostly(6, fc.constantFrom(0, 1, 10, 1000), fc.constantFrom(-1, 2 ** 31));
  }
  return mostly(6, fc.constantFrom(0, 0.25, 0.5, 1), fc.constantFrom(-1, 1e30, "NaN", "Infinity"));
}

const documents = [{ id: "text-1", content: "Hello", embedding: vector(1) }];

const vectors = fc.oneof(
  fc.constantFrom(vector(1), vector(1, 0.001), vector(1, 0.002), vector(0, 1)),
  fc.constantFrom(JSON.stringify(vector(1)), vector(), [1, 2, 3], "[1,2]"),
);

/** Returns a text by the name of the column: one that others use, too, or one that no row has. */
function textFor({ name, of }: Slot): fc.Arbitrary<string> {
  const column = name.replace(/^p_/, "");
  const special: Record<string, readonly string[]> = {
    id: [...textIds, publicTextId, ...guessedTextIds],
    slug: ["test-noninterference-2"],
    email: ["ben@noninterference.example", "nobody@noninterference.example"],
    token: [...sharedNumbers.map((number) => idOf("invitations", number)), "none"],
    confirm_slug: ["test-noninterference", "test-noninterference-2", ""],
  };
  if (column === "then" || of === "create_invitation") {
    const roles = fc.constantFrom("admin", "user", "owner");
    if (column !== "email") return roles;
  }
  // A slug is unique across all tenants. So a new tenant gets one that no other tenant has.
  if (of === "create_tenant" && column === "slug") {
    return fc.constantFrom("test-noninterference-new", "test-noninterference", "Not_Kebab");
  }
  const words = [...columnsNamed(column, of), ...(special[column] ?? [])];
  return fc.constantFrom(...(words.length > 0 ? words : texts));
}

/** Returns the contract's texts for a column: of the table or, for an argument, of any table. */
function columnsNamed(column: string, of: string): string[] {
  const names = tableNames.includes(of as TableName) ? [of as TableName] : tableNames;
  return names.flatMap((table) => {
    const { samples = [], other } = columnsOf(table)[column] ?? {};
    const values: Record<string, Record<string, readonly unknown[]>> = checks;
    const allowed = values[table]?.[column] ?? [];
    return [...samples, ...allowed, other].filter((value) => typeof value === "string");
  });
}

function jsonFor({ name, of }: Slot): fc.Arbitrary<unknown> {
  const names = tableNames.includes(of as TableName) ? [of as TableName] : tableNames;
  const column = name.replace(/^p_/, "");
  if (name === "p_documents") return fc.constantFrom(documents, [], [{ content: "Hello" }]);
  const isArray = names.some((table) => Array.isArray(columnsOf(table)[column]?.other));
  if (isArray) return fc.constantFrom([], [{ role: "user", content: "Hello" }], ["Hello"]);
  return fc.constantFrom(...objects, { page: 2 });
}
