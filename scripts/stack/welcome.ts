import { styleText } from "node:util";
import type { StackEnvironment } from "./stack.ts";

/** Somebody of the test data who can sign in. */
export interface DemoPerson {
  email: string;
  name: string;
  role: string;
  tenant: string;
}

/** Who can sign in, and the password that they share. */
export interface DemoSignIns {
  password: string;
  people: DemoPerson[];
}

/** What the stack says as it stops, and `npm stop` when it has. */
export const farewell = "The stack has stopped. Its data is kept: npm start brings it back.";

/**
 * What `npm start` and `npm run status` print, on one screen of a terminal: what runs where, who can
 * sign in as what, and what to try next.
 *
 * @param signIns the people of the test data; null when it has not been loaded
 */
export function welcome(environment: StackEnvironment, signIns: DemoSignIns | null): string {
  return [
    section("The local stack is running", [
      ["API", environment.API_URL],
      ["Database", environment.DB_URL],
      ["Publishable key", environment.PUBLISHABLE_KEY],
      ["Secret key", environment.SECRET_KEY],
    ]),
    ...(signIns ? [peopleOf(signIns), examples(environment, signIns)] : []),
    section("Commands", [
      ["npm test", "the whole suite, on a stack of its own"],
      ["npm run db:push", "applies new migrations"],
      ["npm run db:reset", "deletes everything and starts over"],
      ["npm run status", "shows this again"],
      ["npm stop", "stops the stack, keeps its data"],
    ]),
  ].join("\n");
}

function peopleOf({ password, people }: DemoSignIns): string {
  return section(
    `Who can sign in, with the password ${password}`,
    people.map(({ email, name, role, tenant }) => [email, name, `${role} of ${tenant}`]),
  );
}

function examples(
  { API_URL, PUBLISHABLE_KEY }: StackEnvironment,
  { people, password }: DemoSignIns,
): string {
  const credentials = JSON.stringify({ email: people[0]?.email, password });
  const rows = section("Try next", [
    ["npm run example", "a chat in the browser"],
    ["npm run example:documents", "documents, found by what they mean"],
  ]);
  // In lines of a terminal's width, which a shell takes for one.
  return `${rows}
  curl '${API_URL}/auth/v1/token?grant_type=password' \\
    -H 'apikey: ${PUBLISHABLE_KEY}' \\
    -d '${credentials}'`;
}

/** A heading, and rows in columns below it. */
function section(heading: string, rows: string[][]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const lines = rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  "),
  );
  return [`\n${styleText("bold", heading)}`, ...lines.map((line) => `  ${line.trimEnd()}`)].join(
    "\n",
  );
}
