import { readFile, rm } from "node:fs/promises";
import postgres from "postgres";
import { CommandError, runCommand } from "./lib/command.ts";
import { databaseUrlOption, isLocal } from "./lib/database-url.ts";
import { startStack } from "./lib/stack.ts";
import { claimStack, dataDir, releaseStack, runningStack } from "./lib/stack-state.ts";
import { pushMigrations } from "./lib/supabase-cli.ts";

await runCommand({
  name: "db:reset",
  summary: "Delete everything in a local database, then apply all migrations and the seed.",
  options: { "db-url": databaseUrlOption },
  async run(values) {
    const databaseUrl = values["db-url"] ?? (await runningStack())?.environment?.DB_URL;
    if (databaseUrl === undefined) await recreate();
    else await empty(databaseUrl);
    console.log("The database is as new.");
  },
});

/** Empties a database that others may be connected to, and fills it again. */
async function empty(databaseUrl: string) {
  if (!URL.canParse(databaseUrl) || !isLocal(databaseUrl)) {
    throw new CommandError(
      "db:reset deletes everything, and so works on local databases only",
      "for a deployed project there is: npx supabase db reset --remote",
    );
  }
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const drop = await readFile(new URL("lib/drop-project.sql", import.meta.url), "utf8");
    await sql.unsafe(drop).simple();
  } finally {
    await sql.end();
  }
  await pushMigrations({ databaseUrl, seed: true, onLine: console.log });
}

/** Deletes the folder of the embedded stack, which may be beyond opening, and makes it anew. */
async function recreate() {
  await claimStack();
  try {
    await rm(dataDir, { recursive: true, force: true });
    const stack = await startStack({ dataDir, migrate: true, seed: true, onProgress: console.log });
    await stack.close();
    if (stack.migrationError) throw stack.migrationError;
  } finally {
    releaseStack();
  }
}
