import { writeFile } from "node:fs/promises";
import { readReport } from "./operations/report/collect.ts";
import type { Flag } from "./operations/report/flags.ts";
import { CommandError, runCommand, UsageError } from "./project/command.ts";
import { databaseUrlOption, resolveDatabaseUrl } from "./project/database-url.ts";

await runCommand({
  name: "db:report",
  summary: [
    "Write a report on the database as one HTML page: use, cost, sizes, slow queries, maintenance.",
    "Exits with 1 when there is something to act on, and says what.",
  ].join("\n"),
  options: {
    "db-url": databaseUrlOption,
    out: { type: "string", value: "FILE", description: "the page (default: report.html)" },
    json: { type: "boolean", description: "print JSON instead: sections and flags" },
  },
  async run({ out, json, "db-url": named }) {
    if (json && out !== undefined) throw new UsageError("--json prints: say > FILE, not --out");
    if (out === "") throw new UsageError("--out needs the name of a file");
    const report = await readReport(await resolveDatabaseUrl(named));
    if (json) console.log(JSON.stringify(report, null, 2));
    else {
      // Loaded here, since the charts are large and --json goes without.
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

/** One line a flag, for the mail that a cron job sends. */
function raise(flags: Flag[]) {
  for (const { kind, message } of flags) console.error(`db:report: ${kind}: ${message}`);
  if (flags.length > 0) process.exitCode = 1;
}
