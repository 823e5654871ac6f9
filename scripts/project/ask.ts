import { createInterface } from "node:readline/promises";
import { CommandError } from "./command.ts";

/**
 * Asks the user for confirmation, and returns only when the answer is yes.
 *
 * @param yes true when the user has passed `--yes`, which answers the question
 * @throws CommandError when the answer is not yes, or when no terminal is attached
 */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new CommandError("confirmation required, but no terminal is attached", "add: --yes");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} (yes/no) `);
  terminal.close();
  if (answer.trim().toLowerCase() !== "yes") throw new CommandError("nothing was changed");
}
