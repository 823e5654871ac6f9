import { writeFile } from "node:fs/promises";
import { readReport } from "./operations/report/collect.ts";
import type { Flag } from "./operations/report/flags.ts";
import { CommandError, runCommand, UsageError } from "./project/command.ts";
import { databaseUrlOption, resolveDatabaseUrl } from "./project/database-url.ts";

await runCommand({
  name: "db:report",
  summary: [
    "Write a report on the database as one HTML page: use, cost, sizes, slow queries, maintenance.",
    "Exits with 1 when something needs action, and prints one line for each problem.",
  ].join("\n"),
  options: {
    "db-url": databaseUrlOption,
    out: { type: "string", value: "FILE", description: "the file to write (default: report.html)" },
    json: { type: "boolean", description: "print the sections and flags as JSON instead" },
  },
  async run({ out, json, "db-url": named }) {
    if (json && out !== undefined)
      throw new UsageError("--json prints to standard output: use > FILE instead of --out");
    if (out === "") throw new UsageError("--out needs a file name");
    const report = await readReport(await resolveDatabaseUrl(named));
    if (json) console.log(JSON.stringify(report, null, 2));
    else {
      // Loaded on demand: the chart library is large, and --json does not need it.
      const { renderPage } = await import("./operations/report/page.ts");
      await write(out ?? "report.html", await renderPage(report));
    }
    raise(report.flags);
  },
});

async function write(file: string, page: string) {
  try {
    await writeFile(file, page);
  } catch (error) {
    throw new CommandError(`the report cannot be written: ${(error as Error).message}`);
  }
  console.log(`Wrote ${file}.`);
}

/** Prints one line per flag, for the mail that cron sends. Sets the exit code. */
function raise(flags: Flag[]) {
  for (const { kind, message } of flags) console.error(`db:report: ${kind}: ${message}`);
  if (flags.length > 0) process.exitCode = 1;
}
