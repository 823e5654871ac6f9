/** A node of the plan that `explain (analyze, format json)` returns. */
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
 * The conditions that the index of each table must look up, such as
 * `{ messages: ["tenant_id = InitPlan"] }`. `InitPlan` is a value that is evaluated once per
 * statement. `?` is a value in the statement.
 */
export type Seeks = Record<string, string[]>;

const INDEX_SCANS = ["Index Scan", "Index Only Scan", "Bitmap Index Scan"];
const CONDITIONS_OF_ROWS = ["Filter", "Join Filter", "Hash Cond", "Merge Cond"];

/**
 * Returns everything in a plan that a frequent query must not do, in words.
 *
 * @param firstColumns the first column of each B-tree index. Without it, a look-up reads all of it.
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
  return [...objections, ...called.map((helper) => `calls ${helper}) for each row`)];
}

/** A call that a policy must make once per statement. `auth.uid()` may have been inlined. */
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

/** Returns whether a scan looks up all its rows by a condition, in every part of an `or`. */
function looksUp(scan: Plan, condition: string): boolean {
  const parts = (scan.Plans ?? []).filter((part) => part["Node Type"].startsWith("Bitmap"));
  if (parts.length === 0) return simplify(scan["Index Cond"] ?? "").includes(`(${condition})`);
  const byOne = (part: Plan) => looksUp(part, condition);
  return scan["Node Type"] === "BitmapAnd" ? parts.some(byOne) : parts.every(byOne);
}

/** Returns a condition without the numbers of InitPlans and without values. */
function simplify(condition: string): string {
  return condition
    .replace(/\(InitPlan \d+\)\.col1/g, "InitPlan")
    .replace(/\$\d+|'(?:[^']|'')*'::[a-z ]+(?:\[\])?|\b\d+\b/g, "?");
}

function rowsOf(node: Plan): number {
  return node["Actual Rows"] * node["Actual Loops"];
}

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}
