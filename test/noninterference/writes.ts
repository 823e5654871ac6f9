import fc from "fast-check";
import { columnsOf, tables } from "../../scripts/contract/index.ts";
import type { TableName } from "../../scripts/contract/table.ts";
import type { Relation } from "./catalog.ts";
import { filtersFor } from "./filters.ts";
import { hostileText, hostileValue } from "./hostile.ts";
import type { Caller } from "./people.ts";
import { selectFor } from "./reads.ts";
import type { Body, RequestOf } from "./requests.ts";
import { mostly, sometimes } from "./sometimes.ts";
import { valueFor } from "./values.ts";

/** What a row needs, what else its writer may say, and what an update mostly leaves alone. */
function columnsFor({ name }: Relation) {
  const table = name as TableName;
  const { valid, parents = {} } = tables[table];
  const columns = Object.entries(columnsOf(table));
  // Of a table that no client writes, any column is as good as another.
  const written = columns.filter(([, { insert, update }]) => insert || update);
  const possible = (written.length > 0 ? written : columns).map(([column]) => column);
  const needed = [...Object.keys(parents), ...Object.keys(valid)];
  const changed = columns.filter(([, { update }]) => update).map(([column]) => column);
  const changeable = (changed.length > 0 ? changed : needed).filter(
    (column) => column !== "id" && !(column in parents),
  );
  return { needed, possible: possible.filter((column) => !keys.includes(column)), changeable };
}

/** What decides whose a row is: the database fills it, and a body names it now and then. */
const keys = ["tenant_id", "user_id"];

/** An insert of one row, or of several whose keys may differ. */
export function insertOf(
  relation: Relation,
  relations: Relation[],
  caller: Caller,
): fc.Arbitrary<RequestOf<"insert">> {
  const options = fc.record({ count, defaultToNull: sometimes(6, fc.constant(false as const)) });
  return fc
    .tuple(rowsFor(relation, relations, caller), options)
    .map(([rows, how]) => ({ verb: "insert", relation: relation.name, ...rows, ...how }));
}

/** An upsert, on a key of the table, on what is none, or on what the API takes for one. */
export function upsertOf(
  relation: Relation,
  relations: Relation[],
  caller: Caller,
): fc.Arbitrary<RequestOf<"upsert">> {
  const options = fc.record({
    count,
    onConflict: sometimes(2, fc.constantFrom(...relation.keys, "id", "user_id", "unknown")),
    ignoreDuplicates: sometimes(4, fc.constant(true as const)),
  });
  return fc
    .tuple(rowsFor(relation, relations, caller), options)
    .map(([rows, how]) => ({ verb: "upsert", relation: relation.name, ...rows, ...how }));
}

/** An update of few rows most of the time, and of all now and then. */
export function updateOf(
  relation: Relation,
  relations: Relation[],
  caller: Caller,
): fc.Arbitrary<RequestOf<"update">> {
  return fc.record({
    verb: fc.constant("update"),
    relation: fc.constant(relation.name),
    body: change(relation, caller),
    filters: mostly(6, filtersFor(relation, caller, 1), fc.constant([])),
    select: returned(relation, relations),
    count,
    maxAffected: sometimes(10, fc.constantFrom(1, 2, 0)),
  });
}

/** A delete, as an update. */
export function deleteOf(
  relation: Relation,
  relations: Relation[],
  caller: Caller,
): fc.Arbitrary<RequestOf<"delete">> {
  return fc.record({
    verb: fc.constant("delete"),
    relation: fc.constant(relation.name),
    filters: mostly(8, filtersFor(relation, caller, 1), fc.constant([])),
    select: returned(relation, relations),
    count,
    maxAffected: sometimes(10, fc.constantFrom(1, 2, 0)),
  });
}

const count = sometimes(4, fc.constant("exact" as const));

function returned(relation: Relation, relations: Relation[]) {
  return mostly(1, sometimes(2, fc.constant("*")), selectFor(relation, relations));
}

/**
 * New rows and what of them is returned. Of several rows it is nothing that is embedded: for that
 * the local API reads them back in the order of their ids, which is by chance.
 */
function rowsFor(relation: Relation, relations: Relation[], caller: Caller) {
  const one = fc.record({ body: newRow(relation, caller), select: returned(relation, relations) });
  const several = fc.record({
    body: newRows(relation, caller),
    select: sometimes(2, mostly(2, fc.constant("*"), fc.constantFrom("id,created_at", "unknown"))),
  });
  return mostly(4, one, several);
}

function newRow(relation: Relation, caller: Caller): fc.Arbitrary<Body> {
  const { needed, possible } = columnsFor(relation);
  return spoiled(fields(relation, caller, [...needed, ...possible], needed), relation, caller);
}

/**
 * At most one of a session, and one without an id where clients choose it: of more, the order would
 * be by chance, since they have one time, and ids made in the same millisecond.
 */
function newRows(relation: Relation, caller: Caller): fc.Arbitrary<Body[]> {
  const { needed } = columnsFor(relation);
  const distinct = needed.find((name) => name === "session_id" || name === "id");
  return fc.uniqueArray(newRow(relation, caller), {
    maxLength: 3,
    selector: (row) => (distinct ? String(row[distinct]) : row),
  });
}

function change(relation: Relation, caller: Caller): fc.Arbitrary<Body> {
  return spoiled(fields(relation, caller, columnsFor(relation).changeable, []), relation, caller);
}

function fields(relation: Relation, caller: Caller, names: string[], requiredKeys: string[]) {
  const slots = relation.columns.filter(({ name }) => names.includes(name));
  const values = slots.map((slot) => [slot.name, valueFor({ ...slot, of: relation.name }, caller)]);
  return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys,
  }) as fc.Arbitrary<Body>;
}

/** A body with something missing, foreign, protected or unknown, now and then. */
function spoiled(body: fc.Arbitrary<Body>, relation: Relation, caller: Caller) {
  const anyColumn = fc.constantFrom(...relation.columns).chain((slot) =>
    valueFor({ ...slot, of: relation.name }, caller).map((value) => ({
      [slot.name]: value,
    })),
  );
  const unknown = fc.tuple(hostileText, hostileValue).map(([name, value]) => ({ [name]: value }));
  const added = fc
    .tuple(body, mostly(4, anyColumn, unknown))
    .map(([row, more]) => ({ ...row, ...more }));
  const lacking = fc.tuple(body, fc.nat(4)).map(([row, nth]) => {
    const lost = Object.keys(row)[nth];
    return Object.fromEntries(Object.entries(row).filter(([name]) => name !== lost));
  });
  return mostly(3, body, mostly(3, added, lacking));
}
