import fc from "fast-check";
import { callOf } from "./calls.ts";
import type { Catalog, Relation } from "./catalog.ts";
import { othersOf, someOf } from "./others.ts";
import { type CallerName, callerOf, callers } from "./people.ts";
import { rawRequest } from "./raw-requests.ts";
import { readOf } from "./reads.ts";
import type { Request } from "./requests.ts";
import type { Row } from "./rows.ts";
import { sometimes } from "./sometimes.ts";
import { deleteOf, insertOf, updateOf, upsertOf } from "./writes.ts";

/** A case: the caller, the rows of others, and the caller's requests. */
export interface Case {
  caller: CallerName;
  others: Row[];
  script: Request[];
}

const callerWeights: Record<CallerName, number> = {
  member: 4,
  "member of two tenants": 3,
  admin: 5,
  owner: 4,
  stranger: 2,
  "deactivated member": 1,
  "member of a closed tenant": 1,
  anon: 1,
};

/** The functions that are about all tenants of the caller, whatever tenant the request names. */
const ofAllTenants = ["list_my_tenants", "choose_tenant"];

/** The functions after which the caller sees nothing of the tenant. */
const endings = ["leave_tenant", "delete_tenant"];

/** Fewer functions than this have not been called yet. */
const FEW = 15;

/**
 * Returns random cases, whose scripts have up to `maxLength` requests.
 *
 * @param isRest true when the catalog has only what no request has covered yet: then most callers are
 *   those who may do most
 */
export function anyCase(catalog: Catalog, maxLength: number, isRest = false): fc.Arbitrary<Case> {
  const cases = (Object.keys(callers) as CallerName[]).map((name) => ({
    weight: callerWeights[name] * (isRest && callerOf(name).isMember ? 6 : 1),
    arbitrary: fc.record({
      caller: fc.constant(name),
      others: someOf(othersOf(callerOf(name))),
      script: fc.array(anyRequest(catalog, name), { minLength: 1, maxLength, size: "max" }),
    }),
  }));
  // Biased scripts are short, and would spend more time on loading worlds than on requests.
  return fc.noBias(fc.oneof(...cases));
}

function anyRequest({ relations, functions }: Catalog, name: CallerName): fc.Arbitrary<Request> {
  const caller = callerOf(name);
  const tables = relations.filter(({ isTable }) => isTable);
  const granted = (verb: string) => (relation: Relation) => relation.verbs.includes(verb);
  const served = functions.filter(
    ({ isServed, name }) => isServed && !(caller.isAlsoElsewhere && ofAllTenants.includes(name)),
  );
  const hidden = functions.filter(({ isServed }) => !isServed);
  const reads = among(relations, granted("select"), (r) => readOf(r, relations, caller));
  const inserts = among(tables, granted("insert"), (t) => insertOf(t, relations, caller));
  const upserts = among(tables, granted("insert"), (t) => upsertOf(t, relations, caller));
  const updates = among(tables, granted("update"), (t) => updateOf(t, relations, caller));
  const deletes = among(tables, granted("delete"), (t) => deleteOf(t, relations, caller));
  const calls = among(
    served,
    ({ isGranted, name }) => isGranted && !endings.includes(name),
    (f) => callOf(f, caller),
  );
  // When few functions are left to cover, most requests call them.
  const callWeight = served.length < FEW ? 70 : 18;
  const request = fc.oneof(
    { withCrossShrink: true },
    { weight: 36, arbitrary: reads },
    { weight: 14, arbitrary: inserts },
    { weight: 8, arbitrary: upserts },
    { weight: 14, arbitrary: updates },
    { weight: 7, arbitrary: deletes },
    { weight: callWeight, arbitrary: calls },
    {
      weight: 1,
      arbitrary: among(
        hidden,
        () => true,
        (f) => callOf(f, caller),
      ),
    },
    { weight: 2, arbitrary: rawRequest },
  );
  const schema = sometimes(60, fc.constantFrom("private", "auth", "extensions", "pg_catalog"));
  return fc.tuple(request, schema).map(([one, where]) => (where ? { ...one, schema: where } : one));
}

/** Returns a request to one of the targets. Granted targets are chosen four times as often. */
function among<Target>(
  targets: Target[],
  isGranted: (target: Target) => boolean,
  requestTo: (target: Target) => fc.Arbitrary<Request>,
): fc.Arbitrary<Request> {
  return fc.oneof(
    ...targets.map((target) => ({
      weight: isGranted(target) ? 4 : 1,
      arbitrary: requestTo(target),
    })),
  );
}
