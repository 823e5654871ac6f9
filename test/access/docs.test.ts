import { describe, expect, test } from "vitest";
import { functions, relations, triggerFunctions } from "../../scripts/contract/access-matrix.ts";
import { outcomeFor, roleNames, verbs } from "../../scripts/contract/access-outcomes.ts";
import { describeAccess } from "../../scripts/generators/access-docs.ts";
import { replaceBetween } from "../../scripts/generators/generated.ts";
import { cell } from "../../scripts/generators/markdown.ts";

const grant = (object: string, privileges: string) => ({
  kind: "grant",
  name: `public.${object} to authenticated`,
  definition: privileges,
});

/** The cells of each row of the page's tables. */
const table = describeAccess([
  grant("brands", "select, insert"),
  grant("brands.name", "update"),
  grant("brands.slug", "update"),
])
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.slice(2, -2).split(" | "));

describe("the page about security shows", () => {
  const rows = [
    ...Object.entries(relations).flatMap(([name, row]) =>
      verbs.map((verb) => [verb, name, row[verb]] as const),
    ),
    ...Object.entries({ ...functions, ...triggerFunctions }).map(
      ([name, cells]) => ["execute", `${name}()`, cells] as const,
    ),
  ];

  test.each(rows)("%s %s as the matrix has it", (verb, name, cells) => {
    const shown = table.filter(
      ([object, verbs]) => object === `\`${name}\`` && verbs?.split(", ").includes(verb),
    );
    const signs: Record<string, string> = { allowed: "✓", nothing: "–" };
    const outcomes = roleNames.map((role) => outcomeFor(role, cells));
    expect(shown.map((row) => row.slice(2))).toEqual([
      outcomes.map((outcome) => signs[outcome] ?? outcome),
    ]);
  });

  test("the columns that authenticated may write, where these are not all", () => {
    expect(table).toContainEqual(["`brands`", "all", "`name`, `slug`"]);
  });

  test("text that would end a cell as text", () => {
    expect(cell("a | b\nc")).toBe("a \\| b c");
  });
});

describe("its generated part", () => {
  const markers = { start: "<!-- start -->", end: "<!-- end -->" };

  test("is replaced, and nothing else", () => {
    const page = "# Page\n\n<!-- start -->\nold\n<!-- end -->\n\nBy hand.\n";
    const replaced = replaceBetween(markers, page, "| new |\n", "page.md");
    expect(replaced).toBe("# Page\n\n<!-- start -->\n\n| new |\n\n<!-- end -->\n\nBy hand.\n");
    expect(replaceBetween(markers, replaced, "| new |\n", "page.md")).toBe(replaced);
  });

  test.each([
    ["start", "<!-- end -->"],
    ["end", "<!-- start -->"],
    ["end after its start", "<!-- end --><!-- start -->"],
  ])("is not guessed where the page has no %s", (_, page) => {
    expect(() => replaceBetween(markers, page, "new", "page.md")).toThrow("page.md");
  });
});
