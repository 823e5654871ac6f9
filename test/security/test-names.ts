import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { packageRoot } from "../../scripts/project/settings.ts";

/** A test of a file, with its titles as they are written, from the outermost `describe` inwards. */
export interface NamedTest {
  titles: string[];
  /** The source code that contains the titles, and the texts that fill their placeholders. */
  source: string;
}

/**
 * Returns the tests of a file, including those that its helpers define.
 *
 * @param path the path from the root of the package
 */
export function testsOf(path: string): NamedTest[] {
  const files = [path, ...helpersOf(path)];
  const source = files.map((file) => readFileSync(join(packageRoot, file), "utf8")).join("\n");
  return files.flatMap((file) => titlesIn(file).map((titles) => ({ titles, source })));
}

/**
 * Returns whether a test can run under these names: with `…` for each placeholder, or with a text
 * from the file in its place.
 */
export function isNamed({ titles, source }: NamedTest, names: string[]): boolean {
  return (
    titles.length === names.length &&
    titles.every((title, i) => {
      const parts = title.split(/%[sdioj]|\$\{[^}]*\}|\$\w+/);
      if (parts.join("…") === names[i]) return true;
      const fixed = parts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
      const found = new RegExp(`^${fixed.join("(.+)")}$`).exec(names[i] ?? "");
      return found?.slice(1).every((filled) => source.includes(filled)) ?? false;
    })
  );
}

/** Returns the files of the imported functions that define tests for a file. */
function helpersOf(path: string): string[] {
  const source = readFileSync(join(packageRoot, path), "utf8");
  return [...source.matchAll(/import \{[^}]*\bdescribe[A-Z][^}]*\} from "(\.[^"]+)"/g)].map(
    ([, imported = ""]) => join(dirname(path), imported),
  );
}

function titlesIn(path: string): string[][] {
  const text = readFileSync(join(packageRoot, path), "utf8");
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[][] = [];
  const visit = (node: ts.Node, outer: string[]): void => {
    const call = ts.isCallExpression(node) ? titledCall(node) : undefined;
    const titles = call ? [...outer, call.title] : outer;
    if (call?.kind === "test") found.push(titles);
    ts.forEachChild(node, (child) => visit(child, titles));
  };
  visit(file, []);
  return found;
}

/** `test("…")`, `test.each(…)("…")`, and the same of `describe`. */
function titledCall(call: ts.CallExpression) {
  const kind = /^(test|describe)\b/.exec(call.expression.getText())?.[1];
  const [title] = call.arguments;
  if (!kind || !title) return undefined;
  if (ts.isStringLiteralLike(title)) return { kind, title: title.text };
  if (ts.isTemplateExpression(title)) return { kind, title: title.getText().slice(1, -1) };
  if (!ts.isConditionalExpression(title)) return undefined;
  return { kind, title: "%s" };
}
