/** A function without one term of a `where` clause or a join. */
export interface DroppedTerm {
  /** The term, on one line. */
  term: string;
  /** The definition with `true` in place of the term. */
  definition: string;
}

/** Terms that are not dropped, by function, because no test that mutants run can notice it. */
const KEPT: Record<string, string> = {
  // Saves work: sum() ignores nulls. The term lets the query read a partial index.
  get_session_cost: "m.cost_usd is not null",
  // Saves work: a linked membership's address has nothing to link.
  link_new_memberships: "n.auth_id is null",
  // Matter only to concurrent transactions: test/native/races.test.ts fails without them.
  link_memberships: "u.auth_id is null",
  delete_batch_of_tenant: "t.delete_after < now()",
};

/** The keywords before a term. In the house style, they start a line or follow a single space. */
const BEFORE = /(?<=^|[\s(])(where|on|and)\s+/g;

/** The keywords that end a term, outside of its parentheses. */
const AFTER =
  /^\s*(and|or|order by|group by|limit|for (?:no key )?(?:update|share)|on conflict|returning|union|join|left join|cross join|offset|set|where|then|loop|from)\b/;

/**
 * Returns a version of a function per term of its `where` clauses and joins, without this term.
 * Leaves out conditions of `if`, and `on conflict`.
 *
 * @param definition the result of `pg_get_functiondef()`, in the format of this project
 */
export function withoutEachTerm(definition: string): DroppedTerm[] {
  const code = withoutTexts(definition);
  const [, name = ""] = /^CREATE OR REPLACE FUNCTION \w+\.(\w+)\(/.exec(definition) ?? [];
  const found: DroppedTerm[] = [];
  for (const match of code.matchAll(BEFORE)) {
    const start = match.index + match[0].length;
    if (match[1] === "on" && /^(conflict|public\.|private\.)/.test(code.slice(start))) continue;
    if (isConditionOfIf(code, match.index) || isBetween(code, match.index)) continue;
    const end = endOfTerm(code, start);
    const { length } = code.slice(start, end).trimEnd();
    const term = definition.slice(start, start + length);
    if (term === "" || term === "true" || term === KEPT[name]) continue;
    const rest = definition.slice(start + length);
    found.push({
      term: term.replace(/--[^\n]*/g, "").replace(/\s+/g, " "),
      definition: `${definition.slice(0, start)}true${rest}`,
    });
  }
  return found;
}

/** Replaces comments by spaces and quoted texts by dots, whose words are no keywords. */
function withoutTexts(definition: string): string {
  return definition.replace(/--[^\n]*|'(?:[^']|'')*'/g, (text) =>
    (text.startsWith("-") ? " " : ".").repeat(text.length),
  );
}

function isConditionOfIf(code: string, at: number): boolean {
  const statement = code.slice(code.lastIndexOf(";", at) + 1, at);
  return /\b(if|elsif|when|case)\b(?!.*\b(then|select|update|delete|perform)\b)/s.test(statement);
}

/** Returns whether an `and` belongs to `between … and …`. */
function isBetween(code: string, at: number): boolean {
  return /\bbetween\s+\S+\s*$/.test(code.slice(0, at));
}

function endOfTerm(code: string, start: number): number {
  let depth = 0;
  for (let i = start; i < code.length; i += 1) {
    const character = code[i] as string;
    if (character === "(") depth += 1;
    if (character === ")") depth -= 1;
    if (depth < 0 || (depth === 0 && character === ";")) return i;
    if (depth === 0 && /\s/.test(character) && AFTER.test(code.slice(i))) return i;
  }
  return code.length;
}
