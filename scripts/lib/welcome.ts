import { styleText } from "node:util";
import type { StackEnvironment } from "./stack.ts";

/** The people of `supabase/seed.sql`; the test of the seed compares them. */
const people = [
  { email: "ada@test-acme.example", name: "Ada", role: "owner", tenant: "Acme" },
  { email: "ben@test-acme.example", name: "Ben", role: "admin", tenant: "Acme" },
  { email: "cleo@test-acme.example", name: "Cleo", role: "user", tenant: "Acme" },
  { email: "dora@test-globex.example", name: "Dora", role: "owner", tenant: "Globex" },
  { email: "emil@test-globex.example", name: "Emil", role: "user", tenant: "Globex" },
  { email: "finn@test-initech.example", name: "Finn", role: "owner", tenant: "Initech" },
];

export const demoSignIns = {
  password: "demo-password",
  people,
  emails: people.map(({ email }) => email),
};

/** What the stack says as it stops, and `npm stop` when it has. */
export const farewell = "The stack has stopped. Its data is kept: npm start brings it back.";

/**
 * What `npm start` and `npm run status` print, on one screen of a terminal: what runs where, who can
 * sign in as what, and what to try next.
 *
 * @param options.signIns false when the test data has not been loaded
 */
export function welcome(environment: StackEnvironment, options = { signIns: true }): string {
  return [
    section("The local stack is running", [
      ["API", environment.API_URL],
      ["Database", environment.DB_URL],
      ["Publishable key", environment.PUBLISHABLE_KEY],
      ["Secret key", environment.SECRET_KEY],
    ]),
    ...(options.signIns ? [signIns(), examples(environment)] : []),
    section("Commands", [
      ["npm test", "the whole suite, on a stack of its own"],
      ["npm run db:push", "applies new migrations"],
      ["npm run db:reset", "deletes everything and starts over"],
      ["npm run status", "shows this again"],
      ["npm stop", "stops the stack, keeps its data"],
    ]),
  ].join("\n");
}

function signIns(): string {
  return section(
    `Who can sign in, with the password ${demoSignIns.password}`,
    people.map(({ email, name, role, tenant }) => [email, name, `${role} of ${tenant}`]),
  );
}

function examples({ API_URL, PUBLISHABLE_KEY }: StackEnvironment): string {
  const [first] = demoSignIns.emails;
  const credentials = JSON.stringify({ email: first, password: demoSignIns.password });
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
