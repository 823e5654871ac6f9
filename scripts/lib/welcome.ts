import { styleText } from "node:util";
import type { StackEnvironment } from "./stack.ts";

/** The sign-ins of `supabase/seed.sql`; the test of the seed compares them. */
export const demoSignIns = {
  password: "demo-password",
  emails: [
    "ada@test-acme.example",
    "ben@test-acme.example",
    "cleo@test-acme.example",
    "dora@test-globex.example",
    "emil@test-globex.example",
    "finn@test-initech.example",
  ],
};

/** What the stack says as it stops, and `npm stop` when it has. */
export const farewell = "The stack has stopped. Its data is kept: npm start brings it back.";

/**
 * What `npm start` and `npm run status` print: what runs where, and who can sign in.
 *
 * @param options.signIns false when the test data could not be loaded
 */
export function welcome(environment: StackEnvironment, options = { signIns: true }): string {
  const bold = (text: string) => styleText("bold", text);
  const signIns = `
${bold("Demo sign-ins")} (password ${demoSignIns.password})

  ${demoSignIns.emails.join("\n  ")}
`;
  return `
${bold("The local stack is running")}

  API              ${environment.API_URL}
  Database         ${environment.DB_URL}
  Publishable key  ${environment.PUBLISHABLE_KEY}
  Secret key       ${environment.SECRET_KEY}
${options.signIns ? signIns : ""}
  npm run status   shows this again        npm stop          stops it, keeps the data
  npm run db:push  applies new migrations  npm run db:reset  starts over`;
}
