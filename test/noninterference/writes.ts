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

/** Returns the columns that a row needs, that a writer may set, and that an update may change. */
function columnsFor({ name }: Relation) {
  const table = name as TableName;
  const { valid, parents = {} } = tables[table];
  const columns = Object.entries(columnsOf(table));
  // In a table that no client can write, use any column.
  const written = columns.filter(([, { insert, update }]) => insert || update);
  const possible = (written.length > 0 ? written : columns).map(([column]) => column);
  const needed = [...Object.keys(parents), ...Object.keys(valid)];
  const changed = columns.filter(([, { update }]) => update).map(([column]) => column);
  const changeable = (changed.length > 0 ? changed : needed).filter(
    (column) => column !== "id" && !(column in parents),
  );
  return { needed, possible: possible.filter((column) => !keys.includes(column)), changeable };
}

/** The columns that identify a row's owner. The database sets them; a body rarely names them. */
const keys = ["tenant_id", "user_id"];

/** Returns an insert of one row, or of several rows that may name different columns. */
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

/** Returns an upsert on a key of the table, on columns that are no key, or on the API's default. */
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

/** Returns an update: usually of few rows, now and then of all. */
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

/** Returns a delete: usually of few rows, now and then of all. */
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
 * Returns new rows and the select list of the answer. Several rows embed no relation, because the
 * local API would then read them back in the order of their ids, which is random.
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
 * Returns up to three new rows: at most one per session and, where clients choose ids, at most one
 * without an id. The order of more rows would be random, because they have the same time, and ids
 * made in the same millisecond.
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

/** Returns the body, now and then without a column, or with a foreign, protected or unknown one. */
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
