import { runCommand } from "./project/command.ts";
import {
  isNativePostgresRunning,
  nativeServerUrl,
  startNativePostgres,
  stopNativePostgres,
} from "./stack/server/native-postgres.ts";

await runCommand({
  name: "postgres:native",
  summary: "Start, stop or check the native Postgres 17 that npm run test:native uses.",
  choices: ["start", "stop", "status"],
  options: {},
  async run(_, choice) {
    if (choice === "start") {
      await startNativePostgres(console.log);
    } else if (choice === "stop") {
      const hasStopped = await stopNativePostgres();
      return console.log(hasStopped ? "Postgres has stopped." : "Postgres is not running.");
    } else if (!(await isNativePostgresRunning())) {
      console.log("Postgres is not running.");
      process.exitCode = 1;
      return;
    }
    console.log(`Postgres is running: ${nativeServerUrl}`);
  },
});
