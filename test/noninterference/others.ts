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
 * Everything that may be there beside a caller and that they must not see.
 *
 * Two other tenants use the ids of the caller's: one those of its users, the other those of its
 * rows. None has both a user id of the caller's tenant and the id of a row that a unique constraint
 * beyond the key joins with it, such as a message, which has one feedback of a user.
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
    invitationOf(caller),
    colleagueOf(caller, numbers),
    formerWorkOf(caller),
  ]);
}

/** Whether a row of another table is unique for a row of this one and a user, whatever the tenant. */
function isRated(table: TableName): boolean {
  return contentTables.some((child) => {
    const { parents = {}, uniqueBeyondKey } = tables[child];
    return uniqueBeyondKey !== undefined && Object.values(parents).includes(table);
  });
}

/** Some of the further rows. */
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

/** Another tenant has invited the caller, who has a membership already and so is not linked. */
function invitationOf({ person }: Caller): Stretch {
  const isLinked = members.some((member) => member.person === person);
  if (!person || !isLinked) return { stem: [], further: [] };
  const invitation = { id: idOf("users", 902), tenant_id: sameRows, auth_id: null, role: "user" };
  return {
    stem: [user({ ...invitation, email: person.email, is_active: true })],
    further: [],
  };
}

/** What a colleague has for themselves; all that they have, for a caller who sees no colleagues. */
function colleagueOf(caller: Caller, numbers: number[]): Stretch {
  const unseen = contentTables.filter(
    (table) => isPersonal(table) && !peopleSeenIn(table, caller).includes(carl),
  );
  return stretchOf(unseen, placeOf(carl), (table) => {
    // A parent that the caller sees is in their own world.
    if (!unseen.includes(table)) return numbersOf(carl);
    // Within a tenant, no two rows have the same id.
    return tables[table].key === "user_id" ? numbers : guessedNumbers;
  });
}

/** What the caller has kept from when they worked for another tenant, which is closed to them. */
function formerWorkOf({ person }: Caller): Stretch {
  if (!person) return { stem: [], further: [] };
  const kept = contentTables.filter((table) => tables[table].key === "user_id" && hasTenant(table));
  return stretchOf(kept, placeOf(person, sameUsers), () => guessedNumbers);
}
