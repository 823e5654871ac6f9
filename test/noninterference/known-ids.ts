import fc from "fast-check";
import { tables } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import type { Typed } from "./catalog.ts";
import { guessedNumbers, idOf, NIL, numbersOf, sharedNumbers } from "./ids.ts";
import { TENANT } from "./own-world.ts";
import { type Caller, carl, members, type Person } from "./people.ts";
import { isPersonal } from "./rows.ts";

/** A column of a relation, or an argument of a function. */
export interface Slot extends Typed {
  /** The name of the relation, or of the function. */
  of: string;
}

/** The table that each reference column refers to. */
const referenced: Record<string, TableName> = Object.assign(
  { tenant_id: "tenants" },
  ...Object.values(tables).map(({ parents }) => parents),
);

/** Returns the id of a row of the caller, of others, or of the script, or of no row. */
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
    // These functions are about the members of the tenant.
    if (/^(set_member|remove_member|transfer)/.test(of)) {
      const own = members.map(({ person }) => person.membership);
      return { own, foreign: [...theirs, idOf("users", 901), idOf("users", 902)] };
    }
    return {
      own: [self.membership, self.account],
      foreign: [...theirs, idOf("users", 901), idOf("otherAccount", 2)],
    };
  }
  const kind = referenced[column] ?? (column === "id" ? kindOf(of) : other);
  if (kind === "tenants") {
    return { own: [TENANT], foreign: [2, 3, 901].map((number) => idOf(kind, number)) };
  }
  const own = kind === "users" ? [self.number] : isPersonal(kind) ? numbersOf(self) : sharedNumbers;
  return {
    own: own.map((number) => idOf(kind, number)),
    foreign: [...numbersOf(carl), ...guessedNumbers].map((number) => idOf(kind, number)),
  };
}

/** Returns the kind of ids that the column or argument `id` of a relation or function has. */
function kindOf(of: string): TableName {
  if (of in tables) return of as TableName;
  return of.endsWith("_invitation") ? "invitations" : other;
}

/** The kind of ids for columns that refer to no table. */
const other: TableName = "ai_usage";
