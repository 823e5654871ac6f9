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

/** Where the embedded stack keeps what must outlive it; git-ignored. */
export const stackDir = join(workdir, ".stack");
export const dataDir = join(stackDir, "data");
export const logFile = join(stackDir, "stack.log");
const stateFile = join(stackDir, "stack.json");

/** A started stack: its process, and how to reach it once it is ready. */
export interface StackState {
  pid: number;
  environment?: StackEnvironment;
}

/** The stack that runs on this folder's data, if one does. */
export async function findStack(): Promise<StackState | undefined> {
  const state = readState();
  return state && (await isCommandOfOurs(state.pid)) ? state : undefined;
}

/**
 * How to reach the stack that runs on this folder's data.
 *
 * @throws CommandError when none does, or it is not ready yet
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
 * Makes this process the one that may open the data: two engines on one folder would destroy it.
 *
 * @throws CommandError when another process has it
 */
export async function claimStack(): Promise<void> {
  mkdirSync(stackDir, { recursive: true });
  // The engine would call what it may not read corrupt.
  if (existsSync(dataDir)) accessSync(dataDir, constants.R_OK | constants.W_OK);
  const other = await findStack();
  if (other) throw alreadyRunning(other.pid);
  rmSync(stateFile, { force: true });
  try {
    writeFileSync(stateFile, JSON.stringify({ pid: process.pid }), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw alreadyRunning(readState()?.pid);
  }
}

/** Tells other commands how to reach the stack of this process. */
export function publishStack(environment: StackEnvironment): void {
  const state: StackState = { pid: process.pid, environment };
  writeFileSync(`${stateFile}.new`, JSON.stringify(state, null, 2));
  renameSync(`${stateFile}.new`, stateFile);
}

/** Gives up the claim of this process, if it has it. */
export function releaseStack(): void {
  if (readState()?.pid === process.pid) rmSync(stateFile, { force: true });
}

function alreadyRunning(pid: number | undefined) {
  return new CommandError(
    `the stack is already running (pid ${pid})`,
    "see it with: npm run status; stop it with: npm stop",
  );
}

function readState(): StackState | undefined {
  if (!existsSync(stateFile)) return undefined;
  try {
    return JSON.parse(readFileSync(stateFile, "utf8"));
  } catch {
    // Cut short by a crash or a full disk: whoever wrote it is gone.
    return undefined;
  }
}

/** What runs a command: `scripts/run.cjs`, or tsx with the script itself. */
const COMMAND = /scripts[/\\](run\.cjs|[\w-]+\.ts)/;

/** True for a running command of this project: after a crash, a number may be somebody else's. */
async function isCommandOfOurs(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const found: { cmd: string }[] = await findProcess("pid", pid).catch(() => []);
  // Where the system does not tell what the process is, it is taken for ours: nothing gets lost.
  return found.length === 0 || found.some(({ cmd }) => COMMAND.test(cmd));
}
