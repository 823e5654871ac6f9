import { createInterface } from "node:readline/promises";
import { CommandError } from "./command.ts";

/**
 * Goes on only when somebody says yes.
 *
 * @param yes the answer, given beforehand by `--yes`
 * @throws CommandError when they don't, or when there is nobody to ask
 */
export async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new CommandError("this needs a yes, and there is nobody to ask", "add: --yes");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question} (yes/no) `);
  terminal.close();
  if (answer.trim().toLowerCase() !== "yes") throw new CommandError("nothing was changed");
}
