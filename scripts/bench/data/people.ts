import type { Size } from "./size.ts";

/** The first tenant. It has the same users and rows at every scale. */
export const TYPICAL_TENANT = 0;
export const TYPICAL_USERS = 10;

/** The second tenant, which holds this share of all rows. */
export const LARGEST_TENANT = 1;
const LARGEST_SHARE = 0.2;

/** The end of the 365 days of messages. It is fixed, so that the data is always the same. */
export const END = Date.UTC(2026, 10, 1);
export const DAY = 86_400_000;
export const START = END - 365 * DAY;

/** The kinds of ids. The kind makes ids with the same number and time differ. */
const KINDS = {
  tenant: 1,
  user: 2,
  account: 3,
  conversation: 4,
  message: 5,
  feedback: 6,
  usage: 7,
  brand: 8,
  session: 9,
  turn: 10,
} as const;

/** Returns a version 7 uuid of this time, with a number instead of the random part. */
export function idOf(kind: keyof typeof KINDS, number: number, time = START): string {
  const head = Math.floor(time).toString(16).padStart(12, "0");
  const tail = number.toString(16).padStart(12, "0");
  const version = `7${KINDS[kind].toString(16).padStart(3, "0")}`;
  return `${head.slice(0, 8)}-${head.slice(8)}-${version}-8000-${tail}`;
}

/**
 * Returns the number of users per tenant. The first tenant has ten, the second has a fifth of all.
 * The other tenants share the rest in proportion to 1, 1/2, 1/3 …, with at least one user each.
 */
export function tenantSizes({ tenants, users }: Size): number[] {
  const largest = Math.round(users * LARGEST_SHARE);
  const others = tenants - 2;
  let left = users - largest - TYPICAL_USERS;
  let weight = 0;
  for (let rank = 1; rank <= others; rank += 1) weight += 1 / rank;
  const unit = (left - others) / weight;
  const rest = Array.from({ length: others }, (_, i) => 1 + Math.floor(unit / (i + 1)));
  for (const size of rest) left -= size;
  // Rounding down leaves a remainder.
  rest[0] = (rest[0] ?? 0) + left;
  return [TYPICAL_USERS, largest, ...rest];
}

/** Returns the tenant of each user. Users are numbered tenant by tenant. */
export function tenantsOfUsers(size: Size): Int32Array {
  const tenantOf = new Int32Array(size.users);
  let user = 0;
  for (const [tenant, count] of tenantSizes(size).entries()) {
    tenantOf.fill(tenant, user, user + count);
    user += count;
  }
  return tenantOf;
}

/** Returns the first user of a tenant, who is its owner. */
export function ownerOf(tenant: number, size: Size): number {
  return tenantSizes(size)
    .slice(0, tenant)
    .reduce((sum, count) => sum + count, 0);
}
