import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, mkdirSync, openSync } from "node:fs";
import { demoSignIns } from "./contract/sign-ins.ts";
import { CommandError, describeError, runCommand } from "./project/command.ts";
import { wasSeeded } from "./project/seeded.ts";
import { packageRoot } from "./project/settings.ts";
import { type Stack, startStack } from "./stack/stack.ts";
import {
  claimStack,
  dataDir,
  emailFile,
  logFile,
  publishStack,
  releaseStack,
  stackDir,
} from "./stack/stack-state.ts";
import { farewell, welcome } from "./stack/welcome.ts";

/** The message that the background process sends to the process that started it. */
type Report = { ready: string } | { failed: string; remedy?: string | undefined };

await runCommand({
  name: "start",
  summary: "Start the embedded local stack: Postgres and the Supabase API, with Node alone.",
  options: { detach: { type: "boolean", description: "run in the background, until npm stop" } },
  run: ({ detach }) => (detach ? startInBackground() : startHere()),
});

async function startHere() {
  try {
    await claimStack();
    // Loaded on demand: it is large, and --help does not need it.
    (await import("./stack/api/harden-process.ts")).hardenProcess();
    const stack = await bootStack();
    publishStack(stack.environment);
    const text = await greeting(stack);
    console.log(process.connected ? text : `${text}\n\n  Press Ctrl-C to stop it.`);
    report({ ready: text });
  } catch (error) {
    releaseStack();
    const { message, remedy } = describeError(error);
    report({ failed: message, remedy });
    throw error;
  }
}

async function bootStack(): Promise<Stack> {
  let stack: Stack | undefined;
  const stop = async () => {
    await stack?.close();
    releaseStack();
    console.log(farewell);
    process.exit(0);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, stop);
  stack = await startStack({
    dataDir,
    migrate: true,
    seed: true,
    onProgress: console.log,
    onEmail: keepEmail,
  });
  stack.onCrash((error) => {
    console.error(`start: Postgres has crashed: ${error.message}`);
    console.error("  committed data is kept: run npm start to recover it");
    releaseStack();
    process.exit(1);
  });
  return stack;
}

/** Prints an email, and adds it to the file that `npm run status` names. */
function keepEmail(email: string) {
  console.log(`\n${email}`);
  // A reader of the file can sign in.
  appendFileSync(emailFile, `${email}\n`, { mode: 0o600 });
}

async function greeting({ environment, migrationError }: Stack): Promise<string> {
  const text = welcome(environment, (await wasSeeded(environment.DB_URL)) ? demoSignIns : null);
  if (!migrationError) return text;
  const { message, remedy } = migrationError;
  return `\nstart: ${message}\n  the stack runs without that change; ${remedy}\n${text}`;
}

function report(what: Report) {
  if (process.connected) process.send?.(what);
}

/** Starts the same command in a background process, and waits until the stack is ready. */
async function startInBackground() {
  mkdirSync(stackDir, { recursive: true });
  // It contains the secret key and the emails.
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(process.execPath, ["scripts/run.cjs", "start"], {
    cwd: packageRoot,
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  const answer = await firstReport(child);
  if ("failed" in answer) throw new CommandError(answer.failed, answer.remedy);
  child.disconnect();
  child.unref();
  console.log(answer.ready);
  console.log(`\n  It runs in the background and logs to ${logFile}`);
}

async function firstReport(child: ChildProcess): Promise<Report> {
  return Promise.race([
    once(child, "message").then(([message]) => message as Report),
    once(child, "exit").then(([code]) => ({
      failed: `the stack exited before it was ready (exit code ${code})`,
      remedy: `see ${logFile}`,
    })),
  ]);
}
