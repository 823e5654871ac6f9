import { readlink } from "node:fs/promises";
import { execa } from "execa";
import findProcess from "find-process";

/** How long a busy machine's gateway may take to answer. Only a port that never does costs as much. */
const PATIENCE_MS = 5000;

const STOP_DOCKER = "stop it: npx supabase stop --all, or use it (see .env.example)";

/** A command of this project, in any of its clones. */
const COMMAND = /scripts[/\\]run\.cjs"?\s+([\w-]+)/;

/** Whom a port is taken by, in words that follow it, and what to do about that. */
interface PortUser {
  /** ` by node (pid 123)`, ` by npm start in /clone`, or nothing when it cannot be seen. */
  who: string;
  remedy: string;
}

/**
 * Says in words who listens on a port.
 *
 * @param isApi true where `supabase start` has its API: the port itself is asked, since the process,
 *   of root, may not be visible
 */
export async function findPortUser(port: number, isApi = false): Promise<PortUser> {
  const users: { pid: number; name: string; cmd: string }[] = await findProcess("port", port).catch(
    () => [],
  );
  const user = users.find(({ pid }) => pid > 0);
  if (isApi && (await isKong(port))) {
    return { who: " by `supabase start` in Docker", remedy: STOP_DOCKER };
  }
  if (!user) return { who: "", remedy: `stop what listens there (sudo lsof -i :${port})` };
  const command = COMMAND.exec(user.cmd)?.[1];
  if (command) return describeCommand(command, user.pid);
  const who = ` by ${user.name} (pid ${user.pid})`;
  if (!user.name.includes("docker")) return { who, remedy: "stop it" };
  return { who: `${who}: is \`supabase start\` running?`, remedy: STOP_DOCKER };
}

/** Words for a command of this project: the stack of another clone, or another page of the example. */
async function describeCommand(command: string, pid: number): Promise<PortUser> {
  const isStart = command === "start";
  const name = isStart ? "npm start" : `npm run ${command.replace("-", ":")}`;
  const folder = await findFolder(pid);
  return {
    who: ` by \`${name}\` ${folder ? `in ${folder}` : `(pid ${pid})`}`,
    remedy: isStart ? "run npm stop there" : "end it there with Ctrl-C",
  };
}

/** Where a process runs, on the systems that tell. */
async function findFolder(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  const lsof = ["-a", "-p", String(pid), "-d", "cwd", "-F", "n"];
  const { stdout = "" } = await execa("lsof", lsof, { reject: false });
  return /^n(.+)$/m.exec(stdout)?.[1];
}

/** True when the gateway of `supabase start` answers on a port. */
async function isKong(port: number): Promise<boolean> {
  try {
    const { headers } = await fetch(`http://127.0.0.1:${port}/auth/v1/health`, {
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    return /\bkong\b/i.test(`${headers.get("server")} ${headers.get("via")}`);
  } catch {
    return false;
  }
}
