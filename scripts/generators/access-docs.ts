import {
  type Cells,
  type Outcome,
  refusals,
  roles,
  type System,
  systems,
  type Verb,
} from "../contract/access-matrix.ts";
import { outcomeFor, roleNames, verbs } from "../contract/access-outcomes.ts";
import type { CatalogObject } from "../project/catalog.ts";
import { type Grant, grantsIn } from "../project/grants.ts";
import { code, tableHead, tableRow } from "./markdown.ts";

const SIGNS: Partial<Record<Outcome, string>> = { allowed: "✓", nothing: "–" };

/** The part of the page about security that shows the access matrix, and the protected columns. */
export function describeAccess(catalog: CatalogObject[]): string {
  const grants = grantsIn(catalog).filter(({ role }) => role === "authenticated");
  return [
    ...legend(),
    ...Object.values(systems).flatMap((system: System) => [
      "",
      `### ${system.title}`,
      "",
      ...(system.note ? [system.note, ""] : []),
      ...matrixOf(system),
      ...columnsOf(system, grants),
    ]),
    "",
  ].join("\n");
}

function legend(): string[] {
  return [
    "Who asks; what they ask for is the member's, unless it says otherwise:",
    "",
    ...Object.entries(roles).map(([role, meaning]) => `- **${role}**: ${meaning}`),
    "",
    "What comes of it:",
    "",
    "- ✓: it is done",
    "- –: no error, and no row seen or changed",
    ...Object.entries(refusals).map(([refusal, meaning]) => `- ${refusal}: ${meaning}`),
    "",
    "The schema `private` is not served: whoever asks for anything in it gets PGRST106.",
  ];
}

function matrixOf({ relations, functions, triggerFunctions }: System): string[] {
  const ofRelations = Object.entries(relations).flatMap(([relation, row]) =>
    mergeVerbs(row).map(({ title, cells }) => matrixRow(relation, title, cells)),
  );
  const ofFunctions = Object.entries({ ...functions, ...triggerFunctions }).map(([fn, cells]) =>
    matrixRow(`${fn}()`, "execute", cells),
  );
  return [...tableHead(["", "", ...roleNames]), ...ofRelations, ...ofFunctions];
}

/** The rows of a relation, of which verbs with the same outcomes share one. */
function mergeVerbs(row: Record<Verb, Cells>): { title: string; cells: Cells }[] {
  const groups = new Map<string, Verb[]>();
  for (const verb of verbs) {
    const outcomes = roleNames.map((role) => outcomeFor(role, row[verb])).join();
    groups.set(outcomes, [...(groups.get(outcomes) ?? []), verb]);
  }
  return [...groups.values()].map((group) => ({
    title: group.join(", "),
    cells: row[group[0] as Verb],
  }));
}

function matrixRow(object: string, verb: string, cells: Cells): string {
  const outcomes = roleNames.map((role) => outcomeFor(role, cells));
  return tableRow([code(object), verb, ...outcomes.map((outcome) => SIGNS[outcome] ?? outcome)]);
}

/** What a signed-in user may write of each table. */
function columnsOf({ relations }: System, grants: Grant[]): string[] {
  const rows = Object.keys(relations).flatMap((relation) => {
    const [inserted, updated] = ["insert", "update"].map((privilege) =>
      columnsWith(privilege, relation, grants),
    );
    if (!inserted && !updated) return [];
    return [tableRow([code(relation), inserted || "none", updated || "none"])];
  });
  return [
    "",
    "The columns that `authenticated` may write; all others are closed to it:",
    "",
    ...tableHead(["", "insert", "update"]),
    ...rows,
  ];
}

function columnsWith(privilege: string, relation: string, grants: Grant[]): string {
  const granted = grants.filter(({ privileges }) => privileges.includes(privilege));
  if (granted.some(({ object }) => object === `public.${relation}`)) return "all";
  return granted
    .filter(({ object }) => object.startsWith(`public.${relation}.`))
    .map(({ object }) => code(object.slice(`public.${relation}.`.length)))
    .join(", ");
}
