import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";

test("every export of the package has a doc comment", () => {
  const file = join(packageRoot, "src/index.ts");
  const options = { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023, types: [] };
  const program = ts.createProgram([file], options);
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  const exported = checker.getExportsOfModule(module ?? expect.fail());
  const undocumented = exported
    .map((symbol) => checker.getAliasedSymbol(symbol))
    .filter((symbol) => symbol.getDocumentationComment(checker).length === 0)
    .map(({ name }) => name);
  expect(exported.length).toBeGreaterThan(50);
  // This type is generated without a comment.
  expect(undocumented).toEqual(["Json"]);
});
