import fc from "fast-check";
import { tables } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { guessedNumbers, idOf, numbersOf, secretNumbers, sharedNumbers } from "./ids.ts";
import { peopleSeenIn, placeOf } from "./own-world.ts";
import { type Caller, carl, members } from "./people.ts";
import {
  account,
  contentTables,
  hasTenant,
  isPersonal,
  type Place,
  type Row,
  tenant,
  user,
} from "./rows.ts";
import { joined, type Stretch, stretchOf } from "./stretches.ts";

const sameUsers = idOf("tenants", 2);
const sameRows = idOf("tenants", 3);

/**
 * Returns all rows that may exist beside a caller, and that the caller must not see.
 *
 * Two other tenants use ids of the caller's tenant: one has the ids of its users, the other the ids
 * of its rows. Neither has both a user's id and the id of a row that a unique constraint beyond the
 * key combines with the user. For example, a message has at most one feedback per user.
 */
export function othersOf(caller: Caller): Stretch {
  const person = caller.person ?? carl;
  const numbers = [...numbersOf(person), ...guessedNumbers];
  return joined([
    tenantBeside(
      { tenant_id: sameUsers, membership: person.membership, account: idOf("otherAccount", 2) },
      (table) => (isRated(table) ? secretNumbers : guessedNumbers),
    ),
    tenantBeside(
      { tenant_id: sameRows, membership: idOf("users", 901), account: idOf("otherAccount", 3) },
      () => numbers,
    ),
    membershipElsewhere(caller),
    colleagueOf(caller, numbers),
    formerWorkOf(caller),
  ]);
}

/** Returns whether another table has one row per user and row of this table, across all tenants. */
function isRated(table: TableName): boolean {
  return contentTables.some((child) => {
    const { parents = {}, uniqueBeyondKey } = tables[child];
    return uniqueBeyondKey !== undefined && Object.values(parents).includes(table);
  });
}

/** Returns up to 40 of the further rows. */
export function someOf({ further }: Stretch): fc.Arbitrary<Row[]> {
  return fc.array(fc.noShrink(fc.constantFrom(...further)), { maxLength: 40, size: "max" });
}

function tenantBeside(place: Place, numbersFor: (table: TableName) => number[]): Stretch {
  const { tenant_id, membership: id, account: auth_id } = place;
  const slug = `test-noninterference-${tenant_id.slice(-1)}`;
  const email = `${slug}@noninterference.example`;
  const owner = { id, tenant_id, auth_id, email, role: "owner", is_active: true };
  const stem = [account(auth_id ?? "", email), tenant(tenant_id, slug), user(owner)];
  const shared = [...sharedNumbers, ...guessedNumbers];
  const rows = stretchOf(contentTables, place, (table) =>
    isPersonal(table) ? numbersFor(table) : shared,
  );
  return joined([{ stem, further: [] }, rows]);
}

/**
 * The caller's membership in another tenant: deactivated, unless the caller names their tenant in
 * each request. Otherwise it would be their own data.
 */
function membershipElsewhere({ person, isAlsoElsewhere = false }: Caller): Stretch {
  const isLinked = members.some((member) => member.person === person);
  if (!person || !isLinked) return { stem: [], further: [] };
  const { account: auth_id, email } = person;
  const place = { id: idOf("users", 902), tenant_id: sameRows, auth_id, email };
  return {
    stem: [user({ ...place, role: "owner", is_active: isAlsoElsewhere })],
    further: [],
  };
}

/** A colleague's private rows; all of the colleague's rows if the caller sees no colleagues. */
function colleagueOf(caller: Caller, numbers: number[]): Stretch {
  const unseen = contentTables.filter(
    (table) => isPersonal(table) && !peopleSeenIn(table, caller).includes(carl),
  );
  return stretchOf(unseen, placeOf(carl), (table) => {
    // A parent that the caller sees is part of the caller's own world.
    if (!unseen.includes(table)) return numbersOf(carl);
    // Within a tenant, no two rows have the same id.
    return tables[table].key === "user_id" ? numbers : guessedNumbers;
  });
}

/** The caller's rows in a former tenant, which the caller can no longer see. */
function formerWorkOf({ person }: Caller): Stretch {
  if (!person) return { stem: [], further: [] };
  const kept = contentTables.filter((table) => tables[table].key === "user_id" && hasTenant(table));
  return stretchOf(kept, placeOf(person, sameUsers), () => guessedNumbers);
}
