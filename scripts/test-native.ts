import { runCommand } from "./project/command.ts";
import { runVitest } from "./proofs/run-vitest.ts";
import { preparedKey } from "./stack/prepared.ts";
import { dropAbandonedDatabases } from "./stack/server/hosted-database.ts";
import { nativeServer } from "./stack/server/native-postgres.ts";

await runCommand({
  name: "test:native",
  summary: `Run the tests on native Postgres 17 with the roles of hosted Supabase, including the
tests that need many sessions.

Starts npm run postgres:native, or uses the Postgres 17 with pgvector in SUPABASE_DB_URL. The URL
must name a superuser that is not called postgres. Every stack gets a separate database there.`,
  options: {
    project: { type: "string", value: "NAME", description: "only this Vitest project" },
    file: {
      type: "string",
      value: "PART",
      description: "only test files with this text in their path",
    },
  },
  async run({ project, file }) {
    const serverUrl = await nativeServer(console.log);
    await dropAbandonedDatabases(serverUrl, preparedKey());
    const filters = [file ?? [], project ? `--project=${project}` : []].flat();
    await runVitest(filters, { NATIVE_POSTGRES_URL: serverUrl, SUPABASE_URL: undefined });
  },
});
