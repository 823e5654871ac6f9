import type { PostgresConnection } from "@supabase/lite/postgres";

/** A request as the library reads it. */
export type Ast = Parameters<PostgresConnection["onPostgrestAST"]>[0];

/** The objects of the database that the library knows. */
export type Schema = Awaited<ReturnType<PostgresConnection["introspect"]>>;

type Embed = Pick<Ast, "select" | "join">;
type ForeignKey = Schema["foreign_keys"][number];

/** An embed that has no relationship to its parent. */
interface Unrelated {
  parent: string;
  target: string;
  /** What the request writes after the `!`. */
  hint?: string | undefined;
}

/**
 * Returns the first embed that PostgREST refuses (PGRST200) and the library answers: in a function
 * that returns no relation, or by one column of a foreign key that has several.
 */
export function unrelatedEmbed(ast: Ast, schema: Schema): Unrelated | undefined {
  if (ast.type !== "rpc") return ast.from ? unrelatedIn(ast.from, ast, schema) : undefined;
  const parent = relationReturnedBy(ast.function ?? "", schema);
  if (parent) return unrelatedIn(parent, ast, schema);
  const [first] = embedsOf(ast);
  return first && { ...first, parent: ast.function ?? "" };
}

/**
 * Returns the relation whose rows a function returns, or undefined when it returns other rows or
 * scalars.
 */
export function relationReturnedBy(name: string, schema: Schema): string | undefined {
  const types = (schema.functions ?? [])
    .filter((fn) => fn.name === name)
    .map(({ return_type }) => return_type.replace(/^.*\./, "").replaceAll('"', ""));
  return types.find((type) => isRelation(type, schema));
}

/** Returns the first column that a call orders by and does not select, which PostgREST refuses. */
export function unselectedOrder({ type, select = [], order = [] }: Ast): string | undefined {
  // The columns of an embed's foreign key are selected implicitly.
  if (type !== "rpc" || select.length === 0 || embedsOf({ select }).length > 0) return undefined;
  const selected = select.flatMap((entry) =>
    typeof entry === "string"
      ? entry
      : Object.entries(entry).map(([name, value]) => ("column" in value && value.column) || name),
  );
  const columns = order.map(({ column }) => column.split("->")[0] ?? "");
  return selected.includes("*") ? undefined : columns.find((column) => !selected.includes(column));
}

function unrelatedIn(parent: string, level: Embed, schema: Schema): Unrelated | undefined {
  for (const { target, hint, embed } of embedsOf(level)) {
    const keys = schema.foreign_keys.filter(
      (key) => key.table === parent || key.ref_table === parent,
    );
    const name = hint ?? target;
    if (!isRelation(name, schema) && isOnePartOf(keys, name)) return { parent, target, hint };
    const embedded = isRelation(target, schema) ? target : relationBehind(target, keys, schema);
    const nested = embedded && unrelatedIn(embedded, embed, schema);
    if (nested) return nested;
  }
  return undefined;
}

function embedsOf({ select = [], join = {} }: Embed) {
  return select
    .flatMap((entry) => (typeof entry === "string" ? [] : Object.entries(entry)))
    .filter(([, embed]) => "select" in embed || "spread" in embed || "join" in embed)
    .map(([alias, embed]) => {
      const { from: target = alias, hint } = join[alias] ?? {};
      return { target, hint, embed: embed as Embed };
    });
}

function isRelation(name: string, { tables, views }: Schema): boolean {
  return [...tables, ...views].some((relation) => relation.name === name);
}

/** Returns true for a name of a column that occurs only in foreign keys with several columns. */
function isOnePartOf(keys: ForeignKey[], name: string): boolean {
  const named = keys.filter(({ column, ref_column }) => column === name || ref_column === name);
  return (
    named.length > 0 &&
    !keys.some((key) => key.foreign_key_name === name) &&
    named.every((key) => keys.filter((other) => isSameKey(key, other)).length > 1)
  );
}

function isSameKey(one: ForeignKey, other: ForeignKey): boolean {
  const group = (key: ForeignKey) => key.foreign_key_group ?? key.foreign_key_name;
  return one.table === other.table && group(one) === group(other);
}

/** Returns the relation that an embed means by the name of a column, a foreign key or a function. */
function relationBehind(name: string, keys: ForeignKey[], schema: Schema): string | undefined {
  const key = keys.find(({ column, foreign_key_name }) =>
    [column, foreign_key_name].includes(name),
  );
  return key ? key.ref_table : relationReturnedBy(name, schema);
}
