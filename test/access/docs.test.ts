import { describe, expect, test } from "vitest";
import { callerNames, outcomeFor, verbs } from "../../scripts/contract/callers.ts";
import {
  functions,
  tableNames,
  tables,
  triggerFunctions,
  views,
  writableColumns,
} from "../../scripts/contract/index.ts";
import { describeAccess } from "../../scripts/generators/access-docs.ts";
import { cell, code } from "../../scripts/generators/markdown.ts";

/** The cells of each row of the page's tables. */
const shownRows = describeAccess()
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.slice(2, -2).split(" | "));

describe("the access page shows", () => {
  const rows = [
    ...Object.entries({ ...tables, ...views }).flatMap(([name, { access }]) =>
      verbs.map((verb) => [verb, name, access[verb]] as const),
    ),
    ...Object.entries({ ...functions, ...triggerFunctions }).map(
      ([name, { access }]) => ["execute", `${name}()`, access] as const,
    ),
  ];

  test.each(rows)("%s %s with the outcomes in the contract", (verb, name, cells) => {
    const shown = shownRows.filter(
      ([object, verbs]) => object === code(name) && verbs?.split(", ").includes(verb),
    );
    const signs: Record<string, string> = { allowed: "✓", nothing: "–" };
    const outcomes = callerNames.map((caller) => outcomeFor(caller, cells));
    expect(shown.map((row) => row.slice(2))).toEqual([
      outcomes.map((outcome) => signs[outcome] ?? outcome),
    ]);
  });

  test.each(tableNames)("the columns of %s that authenticated may write", (table) => {
    const columns = (["insert", "update"] as const).map(
      (verb) => writableColumns(table, verb).map(code).join(", ") || "none",
    );
    const isShown = shownRows.some((row) => row.join() === [code(table), ...columns].join());
    expect(isShown).toBe(columns.some((names) => names !== "none"));
  });

  test("a cell with escaped pipes and without line breaks", () => {
    expect(cell("a | b\nc")).toBe("a \\| b c");
  });
});
