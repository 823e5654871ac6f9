import fc from "fast-check";
import type { Relation, Typed } from "./catalog.ts";
import { hostileText } from "./hostile.ts";
import type { Caller } from "./people.ts";
import type { Filter } from "./requests.ts";
import { mostly, sometimes } from "./sometimes.ts";
import { fittingValueFor } from "./values.ts";

const comparisons = ["eq", "neq", "gt", "gte", "lt", "lte", "isdistinct"];
const patterns = ["%", "Hello*", "H_llo", "^H", "(", "hello", "%\\"];

/** Returns up to two filters for a relation, and at least `minLength`. */
export function filtersFor(
  relation: Relation,
  caller: Caller,
  minLength: number,
): fc.Arbitrary<Filter[]> {
  const one = mostly(8, usualFilter(relation, caller), oddFilter);
  return mostly(
    1,
    fc.array(one, { minLength, maxLength: 1 }),
    fc.array(one, { minLength, maxLength: 2 }),
  );
}

function usualFilter(relation: Relation, caller: Caller): fc.Arbitrary<Filter> {
  const column = fc.constantFrom(...relation.columns);
  const id = relation.columns.find(({ name }) => name === "id");
  const byColumn = column.chain((slot) => filterBy(slot, relation, caller));
  const branch = byColumn.map((filter) => written(filter));
  const logic = fc
    .tuple(branch, branch, fc.constantFrom("", "and"))
    .map(([one, two, and]) => ({ or: and ? `and(${one},${two}),${one}` : `${one},${two}` }));
  return fc.oneof(
    { withCrossShrink: true },
    { weight: 3, arbitrary: id ? filterBy(id, relation, caller) : byColumn },
    { weight: 4, arbitrary: byColumn },
    { weight: 1, arbitrary: logic },
  );
}

type ColumnFilter = Extract<Filter, { column: string }>;

function filterBy(column: Typed, relation: Relation, caller: Caller): fc.Arbitrary<ColumnFilter> {
  const { name, type } = column;
  const value = fittingValueFor({ ...column, of: relation.name }, caller).map(asText);
  const equal = filter(name, fc.constant("eq"), value);
  const list = fc.array(value, { maxLength: 3 }).map((items) => `(${items.map(quoted).join(",")})`);
  // On a column of another type, the local API refuses these, and logs that as its own error.
  const truths = type === "boolean" ? ["true", "unknown"] : [];
  const others = [
    filter(name, fc.constantFrom(...comparisons), value),
    filter(name, fc.constant("in"), list),
    filter(name, fc.constant("is"), fc.constantFrom("null", "not_null", ...truths)),
  ];
  if (type === "text") {
    const operator = fc.constantFrom("like", "ilike", "match", "imatch", "fts", "plfts");
    others.push(filter(name, operator, fc.constantFrom(...patterns)));
  }
  if (type === "jsonb" || type.endsWith("[]")) {
    others.push(filter(name, fc.constantFrom("cs", "cd", "ov"), value));
    others.push(filter(`${name}->>source`, fc.constant("eq"), fc.constantFrom("manual", "x")));
    others.push(filter(`${name}->page`, fc.constantFrom("eq", "gt"), fc.constantFrom("1", "2")));
  }
  return mostly(1, equal, fc.oneof(...others));
}

/** Filters on system columns and on relations that are not embedded, and invalid filters. */
const oddFilter: fc.Arbitrary<ColumnFilter> = fc.oneof(
  filter("ctid", fc.constant("eq"), fc.constantFrom("(0,1)", "(0,7)", "(1,1)")),
  filter("xmin", fc.constantFrom("eq", "neq"), fc.constantFrom("700", "1")),
  filter("users.id", fc.constantFrom("eq", "is"), fc.constantFrom("null", "x")),
  fc
    .tuple(hostileText, fc.constantFrom("eq", "like", "cs", "nope"), hostileText)
    .map(([column, operator, value]) => ({ column, operator, value, isNegated: undefined })),
  filter("created_at", fc.constant("gt"), hostileText),
  filter("id", fc.constantFrom("eq", "in", "like"), hostileText),
);

function filter(
  column: string,
  operator: fc.Arbitrary<string>,
  value: fc.Arbitrary<string>,
): fc.Arbitrary<ColumnFilter> {
  return fc.record({
    column: fc.constant(column),
    operator,
    value,
    isNegated: sometimes(8, fc.constant(true as const)),
  });
}

/** Returns a filter in the syntax of `or=(…)`. */
function written({ column, operator, value, isNegated }: ColumnFilter): string {
  const item = operator === "in" || operator === "is" ? value : quoted(value);
  return `${column}${isNegated ? ".not" : ""}.${operator}.${item}`;
}

function quoted(value: string): string {
  return /[,()"\\{}]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
