import { relative } from "node:path";
import { styleText } from "node:util";
import type { StackEnvironment } from "./stack.ts";
import { emailFile } from "./stack-state.ts";

/** An account of the test data. */
export interface DemoPerson {
  email: string;
  name: string;
  role: string;
  tenant: string;
}

/** The accounts of the test data, and the password of all of them. */
export interface DemoSignIns {
  password: string;
  people: DemoPerson[];
}

/** The stack prints this when it stops, and `npm stop` prints it afterwards. */
export const farewell = "The stack has stopped. Its data is kept for the next npm start.";

/**
 * Returns the text that `npm start` and `npm run status` print, which fits one screen of a
 * terminal: the URLs and keys, the accounts to sign in with, and what to try next.
 *
 * @param signIns the accounts of the test data; null when the test data is not loaded
 */
export function welcome(environment: StackEnvironment, signIns: DemoSignIns | null): string {
  return [
    section("The local stack is running", [
      ["API", environment.API_URL],
      ["Database", environment.DB_URL],
      ["Publishable key", environment.PUBLISHABLE_KEY],
      ["Secret key", environment.SECRET_KEY],
      ["Emails", relative("", emailFile)],
    ]),
    ...(signIns ? [peopleOf(signIns), examples(environment, signIns)] : []),
    section("Commands", [
      ["npm run db:push", "applies new migrations"],
      ["npm run db:reset", "deletes all data, then applies the migrations and the seed"],
      ["npm run status", "shows this again"],
      ["npm stop", "stops the stack, keeps its data"],
    ]),
  ].join("\n");
}

function peopleOf({ password, people }: DemoSignIns): string {
  return section(
    `Accounts to sign in with (password: ${password})`,
    people.map(({ email, name, role, tenant }) => [email, name, `${role} of ${tenant}`]),
  );
}

function examples(
  { API_URL, PUBLISHABLE_KEY }: StackEnvironment,
  { people, password }: DemoSignIns,
): string {
  const credentials = JSON.stringify({ email: people[0]?.email, password });
  const rows = section("Try next", [
    ["npm run example", "chat in the browser"],
    ["npm run example:documents", "search documents by meaning"],
  ]);
  // Backslashes join the lines for the shell, so that each line fits the terminal.
  return `${rows}
  curl '${API_URL}/auth/v1/token?grant_type=password' \\
    -H 'apikey: ${PUBLISHABLE_KEY}' \\
    -d '${credentials}'`;
}

/** Formats a heading with rows in columns below it. */
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
