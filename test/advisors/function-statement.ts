import type postgres from "postgres";

/** A statement of a function. It is read from the catalog, because a copy would become outdated. */
export interface FunctionStatement {
  /** The name of the function, with the types of its arguments. */
  function: string;
  /** A text that occurs in this statement and in no other statement of the function. */
  containing?: string;
  /** The function that calls this one. Its settings apply to both. */
  caller?: string;
  /** The arguments and variables in the statement with their types, in the order of the values. */
  variables: Record<string, string>;
}

/** A setting in the definition of a function. */
interface Setting {
  name: string;
  value: string;
}

/**
 * Returns the statement with `$1`, `$2`, … for its variables, and the settings that apply to it.
 *
 * @throws Error when the function has no such statement, or several
 */
export async function statementOf(
  sql: postgres.Sql,
  { function: name, containing = "", caller, variables }: FunctionStatement,
): Promise<{ text: string; settings: Setting[] }> {
  const { body, settings } = await definitionOf(sql, name);
  const inherited = caller ? (await definitionOf(sql, caller)).settings : [];
  const statements = body.split(";").filter((part) => part.trim() && part.includes(containing));
  const [statement] = statements;
  if (!statement || statements.length > 1) {
    throw new Error(`${name} has ${statements.length} statements with "${containing}"`);
  }
  const bare = statement
    .replace(/^.*?\b(?=(select|insert|update|delete)\b)/s, "")
    .replace(/\binto v_\w+/, "");
  const text = Object.entries(variables).reduce(
    (text, [variable, type], i) =>
      text.replace(new RegExp(`\\b${variable}\\b`, "g"), () => `$${i + 1}::${type}`),
    bare,
  );
  return { text, settings: [...inherited, ...settings].map(settingOf) };
}

async function definitionOf(sql: postgres.Sql, name: string) {
  const [found] = await sql<{ body: string; settings: string[] }[]>`
    select prosrc as body, coalesce(proconfig, '{}') as settings
    from pg_proc where oid = ${name}::regprocedure`;
  return found ?? { body: "", settings: [] };
}

function settingOf(entry: string): Setting {
  const [name = "", value = ""] = entry.split("=");
  return { name, value: value.replaceAll('"', "") };
}
