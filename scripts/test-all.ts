import { runCommand } from "./project/command.ts";
import { runVitest } from "./proofs/run-vitest.ts";
import { preparedKey } from "./stack/prepared.ts";
import { dropAbandonedDatabases } from "./stack/server/hosted-database.ts";
import { nativeServer } from "./stack/server/native-postgres.ts";

await runCommand({
  name: "test:all",
  summary: `Run every test that each engine supports, one engine after the other. On the embedded
stack, this includes the tests that npm test leaves to native Postgres. Then it runs npm run
test:native.`,
  options: {},
  async run() {
    await runVitest([], { TEST_IN_FULL: "1", NATIVE_POSTGRES_URL: undefined });
    if (process.exitCode) return;
    const serverUrl = await nativeServer(console.log);
    await dropAbandonedDatabases(serverUrl, preparedKey());
    await runVitest([], { NATIVE_POSTGRES_URL: serverUrl, SUPABASE_URL: undefined });
  },
});
