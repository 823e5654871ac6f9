import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { CommandError } from "./command.ts";
import { workdir } from "./settings.ts";
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
export async function runningStack(): Promise<StackState | undefined> {
  if (!existsSync(stateFile)) return undefined;
  const state = JSON.parse(readFileSync(stateFile, "utf8")) as StackState;
  if (!isAlive(state.pid)) return undefined;
  // After a reboot the number may be another process's, which does not answer for our database.
  const answers = !state.environment || (await accepts(state.environment.DB_URL));
  return answers ? state : undefined;
}

/**
 * Makes this process the one that may open the data: two engines on one folder would destroy it.
 *
 * @throws CommandError when another process has it
 */
export async function claimStack(): Promise<void> {
  mkdirSync(stackDir, { recursive: true });
  if (!(await runningStack())) rmSync(stateFile, { force: true });
  try {
    writeFileSync(stateFile, JSON.stringify({ pid: process.pid }), { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const pid = (await runningStack())?.pid;
    throw new CommandError(
      `the stack is already running (pid ${pid})`,
      "see it with: npm run status; stop it with: npm stop",
    );
  }
}

/** Tells other commands how to reach the stack of this process. */
export function publishStack(environment: StackEnvironment): void {
  const state: StackState = { pid: process.pid, environment };
  writeFileSync(stateFile, JSON.stringify(state, null, 2));
}

/** Gives up the claim of this process. */
export function releaseStack(): void {
  rmSync(stateFile, { force: true });
}

function accepts(databaseUrl: string): Promise<boolean> {
  const { hostname, port } = new URL(databaseUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
