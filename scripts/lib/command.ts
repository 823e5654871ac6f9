import { type ParseArgsConfig, parseArgs, styleText } from "node:util";

/** A failure the user can act on: one line, and the command or change that mends it. */
export class CommandError extends Error {
  constructor(
    message: string,
    readonly remedy?: string,
  ) {
    super(message);
    this.name = "CommandError";
  }
}

type Options = Record<
  string,
  NonNullable<ParseArgsConfig["options"]>[string] & { description: string; value?: string }
>;

type Values<O extends Options> = {
  [K in keyof O]?: O[K] extends { type: "boolean" } ? boolean : string;
};

/**
 * Runs a command of `package.json`: reads its options, prints `--help`, turns errors into one line
 * and an exit code (0 ok, 1 failed, 2 bad usage).
 *
 * @example
 * await runCommand({
 *   name: "db:push",
 *   summary: "Apply the migrations that the database does not have yet.",
 *   options: { seed: { type: "boolean", description: "load supabase/seed.sql too" } },
 *   run: async ({ seed }) => { … },
 * });
 */
export async function runCommand<const O extends Options>(command: {
  name: string;
  summary: string;
  options: O;
  run: (values: Values<O>) => Promise<void>;
}): Promise<void> {
  let values: Values<O> & { help?: boolean };
  try {
    const options = { ...command.options, help: { type: "boolean", short: "h" } } as const;
    values = parseArgs({ options, strict: true }).values as typeof values;
  } catch (error) {
    console.error(`${command.name}: ${(error as Error).message.split(". To specify")[0]}`);
    console.error(`  help: npm run ${command.name} -- --help`);
    process.exitCode = 2;
    return;
  }
  if (values.help) return console.log(help(command.name, command.summary, command.options));
  try {
    await command.run(values);
  } catch (error) {
    reportError(command.name, error);
    process.exitCode = 1;
  }
}

function reportError(name: string, error: unknown) {
  if (!(error instanceof CommandError)) {
    console.error(error instanceof Error ? error.stack : error);
    return;
  }
  console.error(`${styleText("red", name)}: ${error.message}`);
  if (error.remedy) console.error(`  ${error.remedy}`);
}

function help(name: string, summary: string, options: Options) {
  const rows = Object.entries(options).map(([option, { value, description }]) => [
    `  --${option}${value ? ` ${value}` : ""}`,
    description,
  ]);
  rows.push(["  --help", "this text"]);
  const width = Math.max(...rows.map(([flag = ""]) => flag.length)) + 2;
  const lines = rows.map(([flag = "", text = ""]) => flag.padEnd(width) + text);
  return [summary, "", `usage: npm run ${name} [-- options]`, "", ...lines].join("\n");
}
