import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { CommandError, runCommand } from "./lib/command.ts";
import { packageRoot } from "./lib/settings.ts";
import {
  claimStack,
  dataDir,
  logFile,
  publishStack,
  releaseStack,
  runningStack,
  stackDir,
} from "./lib/stack-state.ts";
import { welcome } from "./lib/welcome.ts";

await runCommand({
  name: "start",
  summary: "Start the embedded local stack: Postgres and the Supabase API, with Node alone.",
  options: { detach: { type: "boolean", description: "run in the background, until npm stop" } },
  run: ({ detach }) => (detach ? startInBackground() : startHere()),
});

async function startHere() {
  await claimStack();
  try {
    // Loaded here, since the engine is large and the other ways through this file do without.
    const { startStack } = await import("./lib/stack.ts");
    const stack = await startStack({ dataDir, migrate: true, seed: true, onProgress });
    const stop = async (code: number) => {
      await stack.close();
      releaseStack();
      process.exit(code);
    };
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => stop(0));
    }
    stack.onCrash((error) => {
      console.error(`start: Postgres has crashed: ${error.message}`);
      console.error("  committed data is kept: npm start recovers it");
      releaseStack();
      process.exit(1);
    });
    publishStack(stack.environment);
    if (stack.migrationError) {
      console.error(`\nstart: ${stack.migrationError.message}`);
      console.error("  the stack runs without it; mend the file, then: npm run db:push\n");
    }
    console.log(welcome(stack.environment));
    process.send?.("ready");
  } catch (error) {
    releaseStack();
    throw error;
  }
}

function onProgress(step: string) {
  console.log(`${step} …`);
}

/** Starts the same command in a process of its own, and waits until it is ready. */
async function startInBackground() {
  const running = await runningStack();
  if (running) {
    throw new CommandError(
      `the stack is already running (pid ${running.pid})`,
      "see it with: npm run status; stop it with: npm stop",
    );
  }
  mkdirSync(stackDir, { recursive: true });
  const log = openSync(logFile, "w");
  const child = spawn(process.execPath, [...process.execArgv, "scripts/start.ts"], {
    cwd: packageRoot,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  if (await becomesReady(child)) {
    console.log(await readFile(logFile, "utf8"));
    child.disconnect();
    child.unref();
    return;
  }
  const output = (await readFile(logFile, "utf8")).trim();
  throw new CommandError(output.replace(/^(.* …\n)+/, "").replace(/^\S*start\S*: /, ""));
}

async function becomesReady(child: ChildProcess): Promise<boolean> {
  return Promise.race([
    once(child, "message").then(() => true),
    once(child, "exit").then(() => false),
  ]);
}
