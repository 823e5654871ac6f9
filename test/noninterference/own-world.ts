import { outcomeFor } from "../../scripts/contract/callers.ts";
import { tables } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import { idOf, numbersOf, publicTextId, sharedNumbers, textIds } from "./ids.ts";
import { type Caller, members, type Person } from "./people.ts";
import {
  contentTables,
  hasTenant,
  hasTextIds,
  isPersonal,
  type Place,
  type Row,
  rowOf,
  tenant,
  user,
  variants,
} from "./rows.ts";

export const TENANT = idOf("tenants", 1);

/**
 * Returns the world without others: the caller's tenant, the rows that the caller sees in it, and
 * the caller's own rows. A caller who sees nothing of the tenant has only own rows in it.
 */
export function ownWorld(caller: Caller): Row[] {
  return [
    tenant(TENANT, "test-noninterference", caller.isTenantActive),
    ...members.map(({ person: { membership, account, email }, role, is_active }) =>
      user({ id: membership, tenant_id: TENANT, auth_id: account, email, role, is_active }),
    ),
    ...contentTables.flatMap((table) => [
      ...(isPersonal(table)
        ? peopleSeenIn(table, caller).flatMap((person) => rowsOfPerson(table, person))
        : sharedRows(table)),
      ...(tables[table].keyColumn ? publicRows(table) : []),
    ]),
  ];
}

/** Returns the people whose rows of a table the caller sees. */
export function peopleSeenIn(table: TableName, caller: Caller): Person[] {
  const { select } = tables[table].access;
  const isSeenBy = (who: "colleague" | "admin") => outcomeFor(who, select) === "allowed";
  const seesAll = isSeenBy("colleague")
    ? caller.isMember
    : isSeenBy("admin") && caller.isMember && caller.isAdmin;
  const people = members.map(({ person }) => person);
  if (seesAll) return people;
  const isOwn = (person: Person) => person === caller.person;
  if (hasTenant(table)) return people.filter(isOwn);
  return caller.person ? [caller.person] : [];
}

export function placeOf({ membership, account }: Person, tenant_id = TENANT): Place {
  return { tenant_id, membership, account };
}

function rowsOfPerson(table: TableName, person: Person): Row[] {
  const numbers = numbersOf(person);
  const ids = hasTextIds(table) ? textIds : numbers;
  // The third parent may accept no children, so the third row has the second parent, too.
  const parents = [numbers[0], numbers[1], numbers[1]] as const;
  return ids.map((id, i) => {
    const variant = variants[i] ?? 0;
    return rowOf(table, placeOf(person), id, variant, () => parents[variant]);
  });
}

function sharedRows(table: TableName): Row[] {
  const place = { tenant_id: TENANT, membership: "", account: null };
  return sharedNumbers.map((number, i) =>
    rowOf(table, place, number, variants[i] ?? 0, () => sharedNumbers[0]),
  );
}

function publicRows(table: TableName): Row[] {
  const place = { tenant_id: TENANT, membership: "", account: null };
  return [textIds[0], publicTextId].map((id, i) =>
    rowOf(table, place, id, variants[i] ?? 0, () => 0),
  );
}
