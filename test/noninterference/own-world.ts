import { brandNumbers, idOf, numbersOf } from "./ids.ts";
import { type Caller, members, type Person } from "./people.ts";
import type { Row } from "./rows.ts";
import * as rows from "./rows.ts";

export const TENANT = idOf("tenant", 1);

/**
 * The world without others: the caller's tenant, what they see of it, and what is theirs. Whoever
 * sees nothing of the tenant has nothing in it but their own.
 */
export function ownWorld({ person, isMember, isAdmin, isTenantActive }: Caller): Row[] {
  const isSelf = (member: { person: Person }) => member.person === person;
  const seen = isMember ? members : members.filter(isSelf);
  const billed = isAdmin ? members : members.filter(isSelf);
  return [
    rows.tenant(TENANT, "test-noninterference", isTenantActive),
    ...members.map(({ person: { membership, account, email }, role, is_active }) =>
      rows.user({ id: membership, tenant_id: TENANT, auth_id: account, email, role, is_active }),
    ),
    ...brandNumbers.map((number, variant) => rows.brand({ tenant_id: TENANT }, number, variant)),
    ...seen.flatMap((member) => chatsOf(member.person)),
    ...billed.flatMap((member) => usageOf(member.person)),
    rows.document(null, "doc-1", 0),
    rows.document(null, "public-1", 1),
    ...members.filter(isSelf).flatMap((member) => sessionsOf(member.person)),
    ...(person ? integrationOf(person) : []),
  ];
}

function chatsOf(person: Person): Row[] {
  const place = { tenant_id: TENANT, user_id: person.membership };
  const [one, two, three] = numbersOf(person);
  return [
    rows.conversation(place, one, 0),
    rows.conversation(place, two, 2),
    rows.message(place, one, one, 0),
    rows.message(place, one, two, 1),
    rows.message(place, two, three, 2),
    rows.feedback(place, two, one, 1),
  ];
}

function usageOf(person: Person): Row[] {
  const place = { tenant_id: TENANT, user_id: person.membership };
  return numbersOf(person).map((number, variant) => rows.usage(place, number, variant));
}

function sessionsOf(person: Person): Row[] {
  const desk = { tenant_id: TENANT, brand: brandNumbers[0], account: person.account };
  const [one, two, three] = numbersOf(person);
  return [
    rows.session(desk, one, 0),
    rows.session(desk, two, 2),
    rows.session(desk, three, 1),
    rows.sessionMessage(desk, one, one, 0),
    rows.sessionMessage(desk, one, two, 1),
    rows.sessionMessage(desk, three, three, 1),
  ];
}

function integrationOf(person: Person): Row[] {
  const { account } = person;
  const [one, two] = numbersOf(person);
  return [
    rows.chat(account, "chat-1", 0),
    rows.chat(account, "chat-2", 1),
    rows.document(account, "doc-1", 0),
    rows.document(account, "doc-2", 1),
    rows.call("ai_usage", account, one, 0),
    rows.call("ai_usage", account, two, 1),
    rows.call("ai_usage_archive", account, one, 0),
  ];
}
