import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import findProcess from "find-process";
import { CommandError } from "../project/command.ts";
import { workdir } from "../project/settings.ts";
import type { StackEnvironment } from "./stack.ts";

/** The folder for the data, state, log and emails of the embedded stack. Git ignores it. */
export const stackDir = join(workdir, ".stack");
export const dataDir = join(stackDir, "data");
export const logFile = join(stackDir, "stack.log");
export const emailFile = join(stackDir, "emails.log");
const stateFile = join(stackDir, "stack.json");

/** A started stack: its process, and its URLs and keys once it is ready. */
export interface StackState {
  pid: number;
  environment?: StackEnvironment;
}

/** Returns the stack that uses this folder's data; undefined when none is running. */
export async function findStack(): Promise<StackState | undefined> {
  const state = readState();
  return state && (await isCommandOfOurs(state.pid)) ? state : undefined;
}

/**
 * Returns the URLs and keys of the stack that uses this folder's data.
 *
 * @throws CommandError when no such stack is running, or when it is not ready yet
 */
export async function requireStack(): Promise<StackEnvironment> {
  const stack = await findStack();
  if (!stack) throw new CommandError("the stack is not running", "start it: npm start");
  if (!stack.environment) {
    throw new CommandError(
      `the stack is still starting (pid ${stack.pid})`,
      "try again in a moment",
    );
  }
  return stack.environment;
}

/**
 * Claims the data folder for this process, because two engines on one folder would destroy the
 * data.
 *
 * @throws CommandError when another process has claimed it
 */
export async function claimStack(): Promise<void> {
  mkdirSync(stackDir, { recursive: true });
  // Without this check, the engine reports a folder that it cannot read as corrupt.
  if (existsSync(dataDir)) accessSync(dataDir, constants.R_OK | constants.W_OK);
  const other = await findStack();
  if (other) throw alreadyRunning(other.pid);
  rmSync(stateFile, { force: true });
  try {
    writeFileSync(stateFile, JSON.stringify({ pid: process.pid }), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw alreadyRunning(readState()?.pid);
  }
}

/** Writes the URLs and keys of this process's stack to the state file, for other commands. */
export function publishStack(environment: StackEnvironment): void {
  const state: StackState = { pid: process.pid, environment };
  // It contains the secret key.
  writeFileSync(`${stateFile}.new`, JSON.stringify(state, null, 2), { mode: 0o600 });
  renameSync(`${stateFile}.new`, stateFile);
}

/** Releases the claim of this process. Does nothing when another process has the claim. */
export function releaseStack(): void {
  if (readState()?.pid === process.pid) rmSync(stateFile, { force: true });
}

function alreadyRunning(pid: number | undefined) {
  return new CommandError(
    `the stack is already running (pid ${pid})`,
    "show it: npm run status; stop it: npm stop",
  );
}

function readState(): StackState | undefined {
  if (!existsSync(stateFile)) return undefined;
  try {
    return JSON.parse(readFileSync(stateFile, "utf8"));
  } catch {
    // The file is incomplete after a crash or on a full disk. The process that wrote it has ended.
    return undefined;
  }
}

/** Matches the command line of a command: `scripts/run.cjs`, or tsx with the script. */
const COMMAND = /scripts[/\\](run\.cjs|[\w-]+\.ts)/;

/**
 * Returns true when the process is a command of this project. After a crash, another program may
 * have the same process id.
 */
async function isCommandOfOurs(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const found: { cmd: string }[] = await findProcess("pid", pid).catch(() => []);
  // If the system does not show the command line, assume a stack: this keeps the data safe.
  return found.length === 0 || found.some(({ cmd }) => COMMAND.test(cmd));
}
