import { runCommand } from "./project/command.ts";
import { runVitest } from "./proofs/run-vitest.ts";
import { preparedKey } from "./stack/prepared.ts";
import { dropAbandonedDatabases } from "./stack/server/hosted-database.ts";
import { nativeServer } from "./stack/server/native-postgres.ts";

await runCommand({
  name: "test:native",
  summary: `Run the suite, and what needs many sessions, on native Postgres 17 with the hosted roles.

Starts npm run postgres:native, or uses the server that SUPABASE_DB_URL names: a superuser of a
Postgres 17 with pgvector, called other than postgres. Every stack gets a database of its own there.`,
  options: {
    project: { type: "string", value: "NAME", description: "only this project of vitest" },
    file: { type: "string", value: "PART", description: "only test files with this in their path" },
  },
  async run({ project, file }) {
    const serverUrl = await nativeServer(console.log);
    await dropAbandonedDatabases(serverUrl, preparedKey());
    const filters = [file ?? [], project ? `--project=${project}` : []].flat();
    await runVitest(filters, { NATIVE_POSTGRES_URL: serverUrl, SUPABASE_URL: undefined });
  },
});
