import fc from "fast-check";
import { brandNumbers, guessedNumbers, idOf, numbersOf, secretNumbers } from "./ids.ts";
import { TENANT } from "./own-world.ts";
import { type Caller, carl, members } from "./people.ts";
import type { Row } from "./rows.ts";
import * as rows from "./rows.ts";
import {
  brandsOf,
  integrationOf,
  joined,
  platformOf,
  type Stretch,
  sessionsOf,
  usageOf,
} from "./stretches.ts";

const sameUsers = idOf("tenant", 2);
const sameRows = idOf("tenant", 3);

/**
 * Everything that may be there beside a caller and that they must not see.
 *
 * Two other tenants use the ids of the caller's: one those of its users, the other those of its
 * rows. None has both a user id of the caller's tenant and a message id that a script knows: a
 * message has one feedback of a user, and that is promised without the tenant.
 */
export function othersOf(caller: Caller): Stretch {
  const person = caller.person ?? carl;
  const numbers = [...numbersOf(person), ...guessedNumbers];
  return joined([
    tenantBeside(
      { tenant_id: sameUsers, user_id: person.membership },
      idOf("otherAccount", 2),
      guessedNumbers,
      secretNumbers,
    ),
    tenantBeside(
      { tenant_id: sameRows, user_id: idOf("user", 901) },
      idOf("otherAccount", 3),
      numbers,
      numbers,
    ),
    invitationOf(caller),
    colleagueOf(caller, numbers),
    formerWorkOf(caller),
  ]);
}

/** Some of the further rows. */
export function someOf({ further }: Stretch): fc.Arbitrary<Row[]> {
  return fc.array(fc.noShrink(fc.constantFrom(...further)), { maxLength: 40, size: "max" });
}

function tenantBeside(
  place: rows.Place,
  account: string,
  numbers: number[],
  messageNumbers: number[],
): Stretch {
  const { tenant_id, user_id } = place;
  const slug = `test-noninterference-${tenant_id.slice(-1)}`;
  const email = `${slug}@noninterference.example`;
  const owner = { id: user_id, tenant_id, auth_id: account, email, role: "owner" };
  return joined([
    {
      stem: [
        rows.account(account, email),
        rows.tenant(tenant_id, slug),
        rows.user({ ...owner, is_active: true }),
      ],
      further: [],
    },
    platformOf(place, numbers, messageNumbers),
    brandsOf(place, [...brandNumbers, ...guessedNumbers]),
    sessionsOf({ tenant_id, brand: brandNumbers[0], account }, numbers),
    integrationOf(account, numbers),
  ]);
}

/** Another tenant has invited the caller, who has a membership already and so is not linked. */
function invitationOf({ person }: Caller): Stretch {
  const isLinked = members.some((member) => member.person === person);
  if (!person || !isLinked) return { stem: [], further: [] };
  const invitation = { id: idOf("user", 902), tenant_id: sameRows, auth_id: null, role: "user" };
  return {
    stem: [rows.user({ ...invitation, email: person.email, is_active: true })],
    further: [],
  };
}

/** What a colleague has for themselves; all that they have, for a caller who sees no colleagues. */
function colleagueOf({ isMember, isAdmin }: Caller, numbers: number[]): Stretch {
  const place = { tenant_id: TENANT, user_id: carl.membership };
  return joined([
    sessionsOf({ tenant_id: TENANT, brand: brandNumbers[0], account: carl.account }, numbers),
    integrationOf(carl.account, numbers),
    ...(isMember ? [] : [platformOf(place, guessedNumbers)]),
    ...(isMember && !isAdmin ? [usageOf(place, guessedNumbers)] : []),
  ]);
}

/** Sessions of the caller from when they worked for another tenant, which are closed to them. */
function formerWorkOf({ person }: Caller): Stretch {
  if (!person) return { stem: [], further: [] };
  const desk = { tenant_id: sameUsers, brand: brandNumbers[0], account: person.account };
  return sessionsOf(desk, guessedNumbers);
}
