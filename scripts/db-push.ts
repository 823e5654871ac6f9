import { runCommand } from "./project/command.ts";
import { databaseUrlOption, resolveDatabaseUrl } from "./project/database-url.ts";
import { pushMigrations } from "./project/supabase-cli.ts";

await runCommand({
  name: "db:push",
  summary: "Apply the migrations that the database does not have yet.",
  options: {
    "db-url": databaseUrlOption,
    seed: {
      type: "boolean",
      description: "also load supabase/seed.sql, unless it was loaded before",
    },
    "dry-run": { type: "boolean", description: "show what would be applied, and change nothing" },
  },
  async run(values) {
    const databaseUrl = await resolveDatabaseUrl(values["db-url"]);
    const summary = await pushMigrations({
      databaseUrl,
      seed: values.seed ?? false,
      dryRun: values["dry-run"] ?? false,
      onLine: console.log,
    });
    console.log(summary.trim());
  },
});
