/** A node of what `explain (analyze, format json)` answers. */
export interface Plan {
  "Node Type": string;
  "Relation Name"?: string;
  "Index Name"?: string;
  "Index Cond"?: string;
  "Subplan Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  Plans?: Plan[];
  [property: string]: unknown;
}

/**
 * By table, the conditions that its index has to look up, `InitPlan` being what is evaluated once
 * for the statement, and `?` a value that came with it: `{ messages: ["tenant_id = InitPlan"] }`.
 */
export type Seeks = Record<string, string[]>;

const INDEX_SCANS = ["Index Scan", "Index Only Scan", "Bitmap Index Scan"];
const CONDITIONS_OF_ROWS = ["Filter", "Join Filter", "Hash Cond", "Merge Cond"];

/**
 * What a plan does that a frequent query must not, in words.
 *
 * @param firstColumns of the indexes that are sorted: one that is asked for others is read as a whole
 */
export function objectionsTo(
  plan: Plan,
  seeks: Seeks,
  firstColumns: Map<string, string>,
): string[] {
  return [
    ...nodesOf(plan).flatMap((node) => objectionsToNode(node, firstColumns)),
    ...Object.entries(seeks).flatMap(([table, wanted]) => objectionsToScans(plan, table, wanted)),
    ...(Object.keys(seeks).length === 0 && rowsOf(plan) === 0 ? ["no rows"] : []),
  ];
}

function objectionsToNode(node: Plan, firstColumns: Map<string, string>): string[] {
  const { "Node Type": type, "Subplan Name": subplan, "Actual Loops": loops } = node;
  const { "Index Name": index = "", "Index Cond": lookUp } = node;
  const objections: string[] = [];
  if (type === "Seq Scan") objections.push(`reads all of ${node["Relation Name"]}`);
  if (INDEX_SCANS.includes(type) && !lookUp?.includes(`(${firstColumns.get(index) ?? ""}`)) {
    objections.push(`reads all of ${index}`);
  }
  if (subplan?.startsWith("SubPlan")) objections.push("has a subplan for each row");
  if (subplan?.startsWith("InitPlan") && loops > 1) objections.push(`evaluates ${subplan} again`);
  const called = conditionsOn(node).flatMap((condition) => condition.match(HELPER) ?? []);
  return [...objections, ...called.map((helper) => `asks ${helper}) for each row`)];
}

/** A call of what a policy should ask once; `auth.uid()` may have been inlined. */
const HELPER = /\b(private\.\w+|auth\.\w+|current_setting)\(/g;

function conditionsOn(node: Plan): string[] {
  return CONDITIONS_OF_ROWS.map((property) => node[property]).filter(
    (condition) => typeof condition === "string",
  );
}

function objectionsToScans(plan: Plan, table: string, wanted: string[]): string[] {
  const scans = nodesOf(plan).filter(
    (node) => node["Relation Name"] === table && node["Node Type"].endsWith("Scan"),
  );
  const missing = wanted.filter((condition) => !scans.every((scan) => looksUp(scan, condition)));
  return [
    ...missing.map((condition) => `does not look up ${table} by ${condition}`),
    ...(scans.some((scan) => rowsOf(scan) > 0) ? [] : [`no rows of ${table}`]),
  ];
}

/** Whether a scan finds its rows by a condition, and nothing else: all parts of an `or` have it. */
function looksUp(scan: Plan, condition: string): boolean {
  const parts = (scan.Plans ?? []).filter((part) => part["Node Type"].startsWith("Bitmap"));
  if (parts.length === 0) return simplify(scan["Index Cond"] ?? "").includes(`(${condition})`);
  const byOne = (part: Plan) => looksUp(part, condition);
  return scan["Node Type"] === "BitmapAnd" ? parts.some(byOne) : parts.every(byOne);
}

/** A condition with neither numbers of InitPlans nor values. */
function simplify(condition: string): string {
  return condition
    .replace(/\(InitPlan \d+\)\.col1/g, "InitPlan")
    .replace(/\(NULLIF\(current_setting\('request\.jwt\.claim\.sub'.*?\)\)::uuid/g, "auth.uid()")
    .replace(/\$\d+|'(?:[^']|'')*'::[a-z ]+(?:\[\])?|\b\d+\b/g, "?");
}

function rowsOf(node: Plan): number {
  return node["Actual Rows"] * node["Actual Loops"];
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
