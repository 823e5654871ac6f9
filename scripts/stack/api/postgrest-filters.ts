/** A parameter of a query: `["id", "neq.1"]`. */
export type Parameter = [name: string, value: string];

/** What a parameter filters by. */
interface Filter {
  /** Of the embedded relation, with a dot at its end; empty for the relation itself. */
  path: string;
  /** As the library remembers it; of filters of the same slot, it forgets all but one. */
  slot: string;
  /** The same within `and=(…)`, where that can say it. */
  term: string | undefined;
}

/** A comparison as text: of a column or, with `->>`, of a text in JSON. */
const COMPARISON = /^((?:not\.)?(?:eq|neq|gt|gte|lt|lte)\.)([^{].*)$/s;

const NO_FILTER = /^(?:select|columns|on_conflict|apikey)$|(?:^|\.)(?:order|limit|offset)$/;

const LOGIC = /^((?:.+?\.)??)(or|not\.(?:or|and))$/;

/** Of `or`, what means the same within `and=(…)`: no brackets in quotes, which the library counts. */
const CLEAR_LOGIC = /^\((?:[^"]|"[^"()]*")+\)$/s;

/** What stands before the value: `neq`, `not.ilike`, `like(any)`. */
const OPERATOR = /^(not\.)?(\w+(?:\(\w*\))?)\./;

/** Values that end where the library thinks, within `and=(…)`: texts, quoted ones, lists, arrays, JSON. */
const CLEAR_VALUE =
  /^(?:[^,(){}"\\]*(?<!\s)|"[^"\\]*"|\((?:[^()"\\]|"[^()"\\]*")*\)|\{(?:[^"\\]|"[^"\\]*")*\})$/s;

/** A name that is as clear there. */
const CLEAR_NAME = /^[^\s.,"(){}]+$/;

/** A name of the library's own in `or=(…)` or `and=(…)`. */
const RESERVED_IN_LOGIC = /[(,]\s*(\$(?:always|and|or|not|exists|storage\w*))(?!\w)/;

/**
 * Quotes the value of a comparison, as the library takes quoted ones as they are. Without, `eq.null`
 * asks it for SQL's null, `eq.1.50` for the number, and `eq."x"` for what stands in the quotes.
 */
export function withLiteralValue([name, value]: Parameter): Parameter {
  const isJson = /->[^>]+$/.test(name) && !/->>[^>]+$/.test(name);
  return [name, isJson ? value : value.replace(COMPARISON, '$1"$2"')];
}

/**
 * Moves filters into `and=(…)` that the library would forget: of `id=neq.1&id=neq.2` it applies the
 * second alone, and of `or=(…)` twice it makes one.
 *
 * @returns the parameters, or the one whose filter cannot be moved
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
 * A name among the filters that the library takes for something else than a column's: what every
 * JavaScript object has, since it keeps filters in plain objects, and what begins with a `$`. Filters
 * by such names are not applied, so that a delete takes all rows.
 */
export function reservedName(query: Parameter[]): string | undefined {
  for (const [name, value] of query) {
    // What follows an arrow is a key within JSON, and no name to the library.
    for (const segment of name.replaceAll('"', "").split("->")[0]?.split(".") ?? []) {
      const word = wordOf(segment);
      if (word in Object.prototype || word.startsWith("$")) return word;
    }
    const reserved = /(?:^|\.)(?:or|and)$/.test(name) && RESERVED_IN_LOGIC.exec(value)?.[1];
    if (reserved) return reserved;
  }
  return undefined;
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
  // Before an arrow: what is a dot after it is one in a key of JSON.
  const dot = name.startsWith('"') ? -1 : (name.split("->")[0]?.lastIndexOf(".") ?? -1);
  const path = name.slice(0, dot + 1);
  const column = wordOf(name.slice(dot + 1));
  const kind = not ? "not" : operator?.replace(/^(?:pl|ph|w)?fts.*/, "fts");
  const isClear = CLEAR_VALUE.test(value.slice(operation.length)) && CLEAR_NAME.test(column);
  const term = isClear ? `${column}.${value}` : undefined;
  return { path, slot: `${path}${column} ${kind}`, term };
}

/** As the library reads a name: without quotes, and up to a cast, a hint and the like. */
function wordOf(name: string): string {
  const bare = /^"(.*)"$/s.exec(name)?.[1] ?? name;
  return bare.split(/[!@/\\~[\]()\t=:]/)[0]?.trim() ?? "";
}
