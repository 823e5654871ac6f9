import { readlink } from "node:fs/promises";
import { execa } from "execa";
import findProcess from "find-process";

/**
 * How long to wait for an answer of the gateway, which is slow on a busy machine. Only a port that
 * never answers takes this long.
 */
const PATIENCE_MS = 5000;

const STOP_DOCKER = "stop it: npx supabase stop --all, or use it (see .env.example)";

/** Matches a command of this project, in any clone. */
const COMMAND = /scripts[/\\]run\.cjs"?\s+([\w-]+)/;

/** The process that listens on a port, and what to do about it. */
interface PortUser {
  /** ` by node (pid 123)` or ` by npm start in /clone`; empty when the process is not visible. */
  who: string;
  remedy: string;
}

/**
 * Finds the process that listens on a port.
 *
 * @param isApi true for the port of the API. Then this also sends a request to the port, to
 *   recognize `supabase start`: its process belongs to root and may not be visible
 */
export async function findPortUser(port: number, isApi = false): Promise<PortUser> {
  const users: { pid: number; name: string; cmd: string }[] = await findProcess("port", port).catch(
    () => [],
  );
  const user = users.find(({ pid }) => pid > 0);
  if (isApi && (await isKong(port))) {
    return { who: " by `supabase start` in Docker", remedy: STOP_DOCKER };
  }
  if (!user)
    return {
      who: "",
      remedy: `stop the process on that port (find it with: sudo lsof -i :${port})`,
    };
  const command = COMMAND.exec(user.cmd)?.[1];
  if (command) return describeCommand(command, user.pid);
  const who = ` by ${user.name} (pid ${user.pid})`;
  if (!user.name.includes("docker")) return { who, remedy: "stop it" };
  return { who: `${who}: is \`supabase start\` running?`, remedy: STOP_DOCKER };
}

/** Describes the user of a port that belongs to this project: the stack of another clone, or another example server. */
async function describeCommand(command: string, pid: number): Promise<PortUser> {
  const isStart = command === "start";
  const name = isStart ? "npm start" : `npm run ${command.replace("-", ":")}`;
  const folder = await findFolder(pid);
  return {
    who: ` by \`${name}\` ${folder ? `in ${folder}` : `(pid ${pid})`}`,
    remedy: isStart ? "run npm stop there" : "stop it there with Ctrl-C",
  };
}

/** Returns the working directory of a process, or undefined where the system does not show it. */
async function findFolder(pid: number): Promise<string | undefined> {
  if (process.platform === "linux") return readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  const lsof = ["-a", "-p", String(pid), "-d", "cwd", "-F", "n"];
  const { stdout = "" } = await execa("lsof", lsof, { reject: false });
  return /^n(.+)$/m.exec(stdout)?.[1];
}

/** Returns true when the gateway of `supabase start` answers on a port. */
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
