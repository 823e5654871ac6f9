import { runCommand } from "./project/command.ts";
import { runVitest } from "./proofs/run-vitest.ts";
import { preparedKey } from "./stack/prepared.ts";
import { dropAbandonedDatabases } from "./stack/server/hosted-database.ts";
import { nativeServer } from "./stack/server/native-postgres.ts";

await runCommand({
  name: "test:all",
  summary: `Run both lanes in full, one after the other: on the embedded stack, also what npm test leaves to
native Postgres, and then npm run test:native.`,
  options: {},
  async run() {
    await runVitest([], { TEST_IN_FULL: "1", NATIVE_POSTGRES_URL: undefined });
    if (process.exitCode) return;
    const serverUrl = await nativeServer(console.log);
    await dropAbandonedDatabases(serverUrl, preparedKey());
    await runVitest([], { NATIVE_POSTGRES_URL: serverUrl, SUPABASE_URL: undefined });
  },
});
