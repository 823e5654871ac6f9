/** A query parameter, such as `["id", "neq.1"]`. */
export type Parameter = [name: string, value: string];

/** The filter in a query parameter. */
interface Filter {
  /** The path of the embedded relation with a dot at its end; empty for the relation itself. */
  path: string;
  /** The key under which the library stores the filter. It keeps only one filter per key. */
  slot: string;
  /** The equivalent filter inside `and=(…)`; undefined when there is none. */
  term: string | undefined;
}

/** Matches a comparison of a column or, with `->>`, of a text in JSON. */
const COMPARISON = /^((?:not\.)?(?:eq|neq|gt|gte|lt|lte)\.)([^{].*)$/s;

const NO_FILTER = /^(?:select|columns|on_conflict|apikey)$|(?:^|\.)(?:order|limit|offset)$/;

const ANY_LOGIC = /(?:^|\.)(?:or|and)$/;

const LOGIC = /^((?:.+?\.)??)(or|not\.(?:or|and))$/;

/**
 * Matches an `or=(…)` that means the same inside `and=(…)`: it has no brackets in quotes, because
 * the library counts those as brackets.
 */
const CLEAR_LOGIC = /^\((?:[^"]|"[^"()]*")+\)$/s;

/** Matches the operator before the value: `neq`, `not.ilike`, `like(any)`. */
const OPERATOR = /^(not\.)?(\w+(?:\(\w*\))?)\./;

/**
 * Matches a value whose end the library finds inside `and=(…)`: a text, a quoted text, a list, an
 * array or JSON.
 */
const CLEAR_VALUE =
  /^(?:[^,(){}"\\]*(?<!\s)|"[^"\\]*"|\((?:[^()"\\]|"[^()"\\]*")*\)|\{(?:[^"\\]|"[^"\\]*")*\})$/s;

/** Matches a filter with an operator and a value, which may be empty. */
const WITH_VALUE = /^(?:not\.)?(?!not\.)\w+(?:\(\w*\))?\./;

/** Matches brackets of `and=(…)` or `or=(…)` without a filter. */
const EMPTY_LOGIC = /^\(\s*\)$|[(,]\s*(?:not\.)?(?:and|or)\(\s*\)/;

/** Matches a name whose end the library finds there, too. */
const CLEAR_NAME = /^[^\s.,"(){}]+$/;

/** Matches a name that the library reserves in `or=(…)` or `and=(…)`. */
const RESERVED_IN_LOGIC = /[(,]\s*(\$(?:always|and|or|not|exists|storage\w*))(?!\w)/;

/**
 * Quotes the value of a comparison, so that the library compares with the text as it is. Without
 * quotes, it reads `eq.null` as SQL's null, `eq.1.50` as a number, and `eq."x"` as the text inside
 * the quotes.
 */
export function withLiteralValue([name, value]: Parameter): Parameter {
  const isJson = /->[^>]+$/.test(name) && !/->>[^>]+$/.test(name);
  return [name, isJson ? value : value.replace(COMPARISON, '$1"$2"')];
}

/**
 * Moves filters into `and=(…)` when the library would drop them. For `id=neq.1&id=neq.2`, it
 * applies only the second. For two `or=(…)`, it applies one merged filter.
 *
 * @returns the new parameters, or the parameter whose filter cannot be moved
 */
export function withAllFilters(query: Parameter[]): { query: Parameter[] } | { lost: Parameter } {
  const filters = query.map(filterOf);
  const moved = query.map(([name, value], i): Parameter | undefined => {
    const filter = filters[i];
    const rivals = filters.filter((other) => other !== undefined && other.slot === filter?.slot);
    const staying = rivals.find((rival) => rival?.term === undefined) ?? rivals[0];
    if (!filter || filter === staying) return [name, value];
    return filter.term === undefined ? undefined : [`${filter.path}and`, `(${filter.term})`];
  });
  const lost = query[moved.indexOf(undefined)];
  return lost ? { lost } : { query: moved as Parameter[] };
}

/**
 * Returns the first name in the filters that the library does not read as a column name. These are
 * the properties of every JavaScript object, because the library stores filters in plain objects,
 * and names that begin with `$`. The library does not apply filters with such names, so a delete
 * would delete all rows.
 */
export function reservedName(query: Parameter[]): string | undefined {
  for (const [name, value] of query) {
    // The library reads the text after an arrow as a key of JSON, not as a name.
    for (const segment of name.replaceAll('"', "").split("->")[0]?.split(".") ?? []) {
      const word = wordOf(segment);
      if (word in Object.prototype || word.startsWith("$")) return word;
    }
    const reserved = ANY_LOGIC.test(name) && RESERVED_IN_LOGIC.exec(value)?.[1];
    if (reserved) return reserved;
  }
  return undefined;
}

/**
 * Returns the first filter that PostgREST cannot read and the library applies in its own way: one
 * without a value, such as `title=eq`, as one with an empty value; and an empty `and()` as true, so
 * that a delete would delete all rows.
 */
export function unreadableFilter(query: Parameter[]): Parameter | undefined {
  return query.find(([name, value]) => {
    if (NO_FILTER.test(name)) return false;
    if (!ANY_LOGIC.test(name)) return !WITH_VALUE.test(value);
    return EMPTY_LOGIC.test(value.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""'));
  });
}

function filterOf([name, value]: Parameter): Filter | undefined {
  if (NO_FILTER.test(name)) return undefined;
  const [, pathOfLogic = "", logic] = LOGIC.exec(name) ?? [];
  if (logic) {
    const kind = logic === "or" ? "or" : "not";
    const term = CLEAR_LOGIC.test(value) ? `${logic}${value}` : undefined;
    return { path: pathOfLogic, slot: `${pathOfLogic}${kind}`, term };
  }
  const [operation, not, operator] = OPERATOR.exec(value) ?? [];
  if (!operation) return undefined;
  // Search before the arrow: a dot after it is part of a key of JSON.
  const dot = name.startsWith('"') ? -1 : (name.split("->")[0]?.lastIndexOf(".") ?? -1);
  const path = name.slice(0, dot + 1);
  const column = wordOf(name.slice(dot + 1));
  const kind = not ? "not" : operator?.replace(/^(?:pl|ph|w)?fts.*/, "fts");
  const isClear = CLEAR_VALUE.test(value.slice(operation.length)) && CLEAR_NAME.test(column);
  const term = isClear ? `${column}.${value}` : undefined;
  return { path, slot: `${path}${column} ${kind}`, term };
}

/** Returns a name as the library reads it: without quotes, a cast, a hint or another suffix. */
function wordOf(name: string): string {
  const bare = /^"(.*)"$/s.exec(name)?.[1] ?? name;
  return bare.split(/[!@/\\~[\]()\t=:]/)[0]?.trim() ?? "";
}
