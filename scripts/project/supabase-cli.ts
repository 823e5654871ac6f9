import { execa } from "execa";
import { CommandError } from "./command.ts";
import { isLocal } from "./database-url.ts";
import { packageRoot, workdir } from "./settings.ts";
import { requireSupabaseCli } from "./supabase-binary.ts";

/**
 * Runs a command of the Supabase CLI on a database, and returns what it wrote to standard output.
 *
 * @param onLine gets the lines that tell what the CLI is doing
 * @throws CommandError with the CLI's own words, or when it is not installed
 */
export async function supabaseCli(
  args: string[],
  databaseUrl: string,
  onLine: (line: string) => void = () => {},
): Promise<string> {
  requireSupabaseCli();
  const cli = execa("supabase", ["--agent=no", ...args, `--remote=${databaseUrl}`], {
    preferLocal: true,
    localDir: packageRoot,
    cwd: workdir,
    stdin: "ignore",
    env: {
      SUPABASE_TELEMETRY_DISABLED: "1",
      NO_COLOR: "1",
      // A local database has no TLS, and the CLI would say so in the middle of its output.
      ...(isLocal(databaseUrl) ? { PGSSLMODE: "disable" } : {}),
    },
    reject: false,
  });
  const report: string[] = [];
  for await (const line of cli.iterable({ from: "stderr" })) {
    report.push(line);
    if (PROGRESS.test(line)) onLine(line);
  }
  const result = await cli;
  if (result.failed)
    throw explain(args, report, `supabase ended with exit code ${result.exitCode}`);
  return result.stdout;
}

/** What the CLI says on its way; the rest of its report is the reason of a failure. */
const PROGRESS = /^(Applying|Seeding|Updating|Would push| •)/;

/**
 * Applies the migrations that a database does not have yet, and the seed when asked and not loaded
 * before.
 *
 * @returns the CLI's summary
 * @throws CommandError naming the file, the statement and Postgres' message
 */
export async function pushMigrations(options: {
  databaseUrl: string;
  seed?: boolean;
  dryRun?: boolean;
  onLine?: (line: string) => void;
}): Promise<string> {
  const flags = ["--yes", "--skip-vault"];
  if (options.seed) flags.push("--include-seed");
  if (options.dryRun) flags.push("--dry-run");
  return supabaseCli(["db", "push", ...flags], options.databaseUrl, options.onLine);
}

/** The CLI's complaint, with the file it was working on and without its advice about `--debug`. */
function explain(args: string[], report: string[], fallback: string): CommandError {
  const at = report.findLastIndex((line) => /^(Applying|Seeding)/.test(line));
  const complaint = report
    .slice(at + 1)
    .filter((line) => line.trim() && !/^(Try rerunning|Target:|Connecting to)/.test(line));
  if (complaint.length === 0) return new CommandError(fallback, "run: npm install");
  const file = /(\S+\.sql)/.exec(report[at] ?? "")?.[1];
  const subject = file ?? `supabase ${args.slice(0, 2).join(" ")}`;
  return new CommandError([`${subject}:`, ...complaint].join("\n  "));
}
