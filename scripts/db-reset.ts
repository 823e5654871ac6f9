import { readFile, rm } from "node:fs/promises";
import { CommandError, runCommand } from "./project/command.ts";
import { checkDatabaseUrl, connectTo, databaseUrlOption, isLocal } from "./project/database-url.ts";
import { pushMigrations } from "./project/supabase-cli.ts";
import { startStack } from "./stack/stack.ts";
import { claimStack, dataDir, findStack, releaseStack, requireStack } from "./stack/stack-state.ts";

await runCommand({
  name: "db:reset",
  summary: "Delete everything in a local database, then apply all migrations and the seed.",
  options: {
    "db-url": databaseUrlOption,
    yes: { type: "boolean", description: "confirm the reset; required with --db-url" },
  },
  async run(values) {
    const named = values["db-url"];
    if (named !== undefined) await empty(confirmed(checkDatabaseUrl(named), values.yes));
    else if (await findStack()) await empty((await requireStack()).DB_URL);
    else await recreate();
    console.log("The database has been reset.");
  },
});

/**
 * Returns the URL of a local database that the user has agreed to reset. The agreement is required
 * because a tunnel makes a remote database look local.
 */
function confirmed(databaseUrl: string, yes: boolean | undefined): string {
  if (!isLocal(databaseUrl)) {
    throw new CommandError(
      "only a local database can be reset",
      "for a deployed project, run: npx supabase db reset --remote",
    );
  }
  if (!yes) {
    throw new CommandError(`this deletes everything in ${databaseUrl}`, "to confirm, add: --yes");
  }
  return databaseUrl;
}

/**
 * Drops the project's objects, then applies all migrations and the seed. Clients may stay
 * connected.
 */
async function empty(databaseUrl: string) {
  const sql = connectTo(databaseUrl);
  try {
    const drop = await readFile(new URL("operations/drop-project.sql", import.meta.url), "utf8");
    await sql.unsafe(drop).simple();
  } finally {
    await sql.end();
  }
  await pushMigrations({ databaseUrl, seed: true, onLine: console.log });
}

/** Deletes and recreates the data of the embedded stack, even if the engine cannot open it. */
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
