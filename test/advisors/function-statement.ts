import type postgres from "postgres";

/** A statement of a function, as it stands in the catalog: a copy of it would not follow. */
export interface FunctionStatement {
  /** With the types of its arguments. */
  function: string;
  /** What it has and no other statement of the function. */
  containing?: string;
  /** The function that calls this one and makes settings for both. */
  caller?: string;
  /** The arguments and variables in it, with their types, in the order of the values. */
  variables: Record<string, string>;
}

/** A setting that the function makes for itself. */
interface Setting {
  name: string;
  value: string;
}

/**
 * The text of the statement, with `$1`, `$2`, … for its variables, and the settings it runs under.
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
