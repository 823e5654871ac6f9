import fc from "fast-check";
import type { Relation } from "./catalog.ts";
import { filtersFor } from "./filters.ts";
import { hostileText } from "./hostile.ts";
import type { Caller } from "./people.ts";
import { type Filter, isGuessed, type Order, type RequestOf } from "./requests.ts";
import { mostly, sometimes } from "./sometimes.ts";

/** Columns of every table. They reveal others' transactions, and where others' rows are stored. */
export const systemColumns = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];

/** Returns a read of a relation. With an estimated count it has no offset, which may exceed it. */
export function readOf(
  relation: Relation,
  relations: Relation[],
  caller: Caller,
): fc.Arbitrary<RequestOf<"select">> {
  const plain = selectFor(relation, relations).map((select) => ({ select, embedded: [] }));
  const anyHow = fc.record<How>({
    filters: filtersFor(relation, caller, 0),
    order: mostly(1, fc.constant([]), fc.array(orderFor(relation), { minLength: 1, maxLength: 2 })),
    limit: sometimes(4, fc.constantFrom(1, 2, 0)),
    offset: sometimes(8, fc.constantFrom(0, 1, 100)),
    count: sometimes(4, fc.constantFrom("exact", "planned", "estimated")),
    head: sometimes(10, fc.constant(true)),
    form: sometimes(6, fc.constantFrom("maybeSingle", "single", "csv")),
  });
  const how = anyHow.map((one) => (isGuessed(one) ? { ...one, offset: undefined } : one));
  return fc
    .tuple(mostly(3, plain, embeddingOf(relation, relations, caller) ?? plain), how)
    .map(([{ select, embedded }, { filters, ...rest }]) => ({
      verb: "select",
      relation: relation.name,
      select,
      filters: [...filters, ...embedded],
      ...rest,
    }));
}

type How = Omit<RequestOf<"select">, "verb" | "relation" | "select">;

/** Returns a select list: columns, embedded relations, and expressions that should be refused. */
export function selectFor(relation: Relation, relations: Relation[]): fc.Arbitrary<string> {
  const embeds = relation.related.flatMap((name) => embedsOf(name, relations));
  const usual = fc.oneof(
    { withCrossShrink: true },
    { weight: 4, arbitrary: fc.constant("*") },
    { weight: 3, arbitrary: columnsOf(relation) },
    { weight: 1, arbitrary: fc.constantFrom("*", ...embeds) },
  );
  return mostly(12, usual, oddSelect(relations));
}

/** Returns an embedded relation and filters for it, or undefined if there is none to embed. */
function embeddingOf(
  { related }: Relation,
  relations: Relation[],
  caller: Caller,
): fc.Arbitrary<{ select: string; embedded: Filter[] }> | undefined {
  const inner = relations.filter(({ name }) => related.includes(name));
  if (inner.length === 0) return undefined;
  return fc.oneof(
    ...inner.map((relation) =>
      fc.record({
        select: fc.constantFrom(...embedsOf(relation.name, relations)),
        embedded: filtersFor(relation, caller, 0).map((filters) =>
          filters.flatMap((filter) =>
            "or" in filter ? [] : [{ ...filter, column: `${relation.name}.${filter.column}` }],
          ),
        ),
      }),
    ),
  );
}

function columnsOf({ columns }: Relation): fc.Arbitrary<string> {
  const items = columns.flatMap(({ name, type }) =>
    type === "jsonb"
      ? [name, `${name}->source`, `page:${name}->>page`, `${name}->0->>role`]
      : [name, `alias:${name}`, `${name}::text`],
  );
  const chosen = fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength: 4 });
  return chosen.map((list) => list.join(","));
}

function embedsOf(name: string, relations: Relation[]): string[] {
  const further = relations.find((relation) => relation.name === name)?.related ?? [];
  return [
    `*,${name}(*)`,
    `*,${name}!inner(*)`,
    `created_at,...${name}(id)`,
    `*,${name}(count)`,
    ...further.map((next) => `*,${name}(*,${next}(*))`),
  ];
}

function oddSelect(relations: Relation[]): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(...systemColumns, "*,ctid", "xmin::text"),
    fc.constantFrom("count()", "id.count()", "created_at.max()", "*,unknown(*)", "unknown"),
    fc.constantFrom(...relations.map(({ name }) => `*,${name}(*)`)),
    hostileText,
  );
}

/** Returns an order by any column except `id`: ids made in one request have a random order. */
function orderFor({ columns }: Relation): fc.Arbitrary<Order> {
  const usual = fc.constantFrom(
    ...columns.flatMap(({ name, type }) => {
      if (name === "id") return [];
      return type === "jsonb" ? [name, `${name}->>page`] : [name];
    }),
  );
  return fc.record({
    column: mostly(20, usual, fc.oneof(fc.constantFrom(...systemColumns), hostileText)),
    ascending: fc.boolean(),
    nullsFirst: sometimes(4, fc.boolean()),
  });
}
