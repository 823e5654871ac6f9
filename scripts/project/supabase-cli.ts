import { execa } from "execa";
import { CommandError } from "./command.ts";
import { isLocal } from "./database-url.ts";
import { packageRoot, workdir } from "./settings.ts";
import { requireSupabaseCli } from "./supabase-binary.ts";

/**
 * Runs a command of the Supabase CLI on a database, and returns its standard output.
 *
 * @param onLine called with each line in which the CLI reports progress
 * @throws CommandError with the CLI's error message, or when the CLI is not installed
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
      // A local database has no TLS, and the CLI would print a notice about it within its output.
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
    throw explain(args, report, `supabase failed with exit code ${result.exitCode}`);
  return result.stdout;
}

/** Matches the lines in which the CLI reports progress. The other lines explain a failure. */
const PROGRESS = /^(Applying|Seeding|Updating|Would push| •)/;

/**
 * Applies the migrations that a database does not have yet.
 *
 * @param options.seed also load the seed, unless it was loaded before
 * @returns the CLI's summary
 * @throws CommandError with the file, the statement and the error message of Postgres
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

/** Returns the CLI's error with the file that failed, without the CLI's advice about `--debug`. */
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
