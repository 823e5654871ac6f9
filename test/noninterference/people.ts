import type { UserRole } from "../../src/index.ts";
import { idOf } from "./ids.ts";

export interface Person {
  number: number;
  name: string;
  email: string;
  /** The id in `auth.users`. */
  account: string;
  /** The id in `public.users`. */
  membership: string;
}

function person(number: number, name: string): Person {
  return {
    number,
    name,
    email: `${name.toLowerCase()}@noninterference.example`,
    account: idOf("account", number),
    membership: idOf("users", number),
  };
}

const ben = person(1, "Ben");
const ada = person(2, "Ada");
const olga = person(3, "Olga");
const dora = person(4, "Dora");
/** Never signs in. Other members see this person, but not all of this person's data. */
export const carl = person(5, "Carl");
const stefan = person(6, "Stefan");

/** All people with an account. */
export const people = [ben, ada, olga, dora, carl, stefan];

/** The tenant's members, with their role and whether they are active. */
export const members: { person: Person; role: UserRole; is_active: boolean }[] = [
  { person: ben, role: "user", is_active: true },
  { person: ada, role: "admin", is_active: true },
  { person: olga, role: "owner", is_active: true },
  { person: dora, role: "user", is_active: false },
  { person: carl, role: "user", is_active: true },
];

export interface Caller {
  person: Person | null;
  /** False for a caller who can neither see nor write anything in the tenant. */
  isMember: boolean;
  isAdmin: boolean;
  /** Whether the tenant is active. */
  isTenantActive: boolean;
  /** Whether the caller is also an owner of another tenant, and names this one in each request. */
  isAlsoElsewhere?: boolean;
}

const member: Caller = { person: ben, isMember: true, isAdmin: false, isTenantActive: true };

/** The callers that run scripts. */
export const callers = {
  member,
  "member of two tenants": { ...member, isAlsoElsewhere: true },
  admin: { ...member, person: ada, isAdmin: true },
  owner: { ...member, person: olga, isAdmin: true },
  stranger: { ...member, person: stefan, isMember: false },
  "deactivated member": { ...member, person: dora, isMember: false },
  "member of a closed tenant": { ...member, isMember: false, isTenantActive: false },
  anon: { ...member, person: null, isMember: false },
} satisfies Record<string, Caller>;

export type CallerName = keyof typeof callers;

export function callerOf(name: CallerName): Caller {
  return callers[name];
}
