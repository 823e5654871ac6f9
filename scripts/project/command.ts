import { type ParseArgsConfig, parseArgs, styleText } from "node:util";
import { describeRefusal } from "./refusal.ts";

/** An error that the user can fix: a message of one line, and a remedy (a command or a change). */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

/** An error for invalid arguments of a command. */
export class UsageError extends CommandError {}

type Options = Record<
  string,
  NonNullable<ParseArgsConfig["options"]>[string] & { description: string; value?: string }
>;

type Values<O extends Options> = {
  [K in keyof O]?: O[K] extends { type: "boolean" } ? boolean : string;
};

/**
 * Runs a command of `package.json`: reads its options, prints `--help`, turns errors into one line
 * and an exit code (0 ok, 1 failed, 2 bad usage). With `choices`, it takes exactly one of them as
 * its argument.
 *
 * @example
 * await runCommand({
 *   name: "db:push",
 *   summary: "Apply the migrations that the database does not have yet.",
 *   options: { seed: { type: "boolean", description: "load supabase/seed.sql too" } },
 *   run: async ({ seed }) => { … },
 * });
 */
export async function runCommand<const O extends Options, const C extends string = never>(command: {
  name: string;
  summary: string;
  choices?: readonly C[];
  options: O;
  run: (values: Values<O>, choice: C) => Promise<void>;
}): Promise<void> {
  try {
    const options = { ...command.options, help: { type: "boolean", short: "h" } } as const;
    const { choices } = command;
    const { values: read, positionals } = readArguments(options, choices !== undefined);
    const values = read as Values<O> & { help?: boolean };
    if (values.help) return console.log(help(command));
    await command.run(values, choose(choices ?? [], positionals) as C);
  } catch (error) {
    const { message, remedy } = describeError(error);
    const name = styleText("red", command.name, { stream: process.stderr });
    console.error(`${name}: ${message}`);
    if (remedy) console.error(`  ${remedy}`);
    if (error instanceof UsageError) console.error(`  help: ${invocation(command.name)} -- --help`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
}

/**
 * Returns the message and the remedy to print for an error. When the user cannot fix the error, it
 * is a bug of this project, and the message is the stack trace.
 */
export function describeError(error: unknown): { message: string; remedy?: string | undefined } {
  if (error instanceof CommandError) return error;
  const refusal = describeRefusal(error);
  if (refusal) return refusal;
  if (error instanceof Error) {
    const { code } = error as NodeJS.ErrnoException;
    const isUnreachable = code === "ECONNREFUSED" || code === "CONNECT_TIMEOUT";
    if (isUnreachable) return { message: `the database does not answer: ${error.message}` };
    return { message: error.stack ?? error.message };
  }
  return { message: String(error) };
}

function readArguments(options: ParseArgsConfig["options"] & object, allowPositionals: boolean) {
  try {
    return parseArgs({ options, allowPositionals, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(". To specify")[0] as string);
  }
}

function choose(choices: readonly string[], given: string[]): string | undefined {
  const [choice] = given;
  if (choices.length === 0) return undefined;
  if (given.length === 1 && choices.includes(choice as string)) return choice;
  throw new UsageError(
    `expected one of ${choices.join(", ")}${choice ? `, not ${given.join(" ")}` : ""}`,
  );
}

/** Returns the npm command line. npm has shortcuts for `start` and `stop`, without `run`. */
function invocation(name: string): string {
  return ["start", "stop"].includes(name) ? `npm ${name}` : `npm run ${name}`;
}

function help(command: {
  name: string;
  summary: string;
  choices?: readonly string[];
  options: Options;
}) {
  const { name, summary, choices, options } = command;
  const rows = Object.entries(options).map(([option, { value, description }]) => [
    `  --${option}${value ? ` ${value}` : ""}`,
    description,
  ]);
  rows.push(["  --help", "show this help"]);
  const width = Math.max(...rows.map(([flag = ""]) => flag.length)) + 2;
  const lines = rows.map(([flag = "", text = ""]) => flag.padEnd(width) + text);
  const usage = choices ? `-- ${choices.join("|")} [options]` : "[-- options]";
  return [summary, "", `usage: ${invocation(name)} ${usage}`, "", ...lines].join("\n");
}
