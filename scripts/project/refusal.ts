import { dirname } from "node:path";

const MINE = (folder: string) => `make the folder yours: sudo chown -R "$(id -un)" ${folder}`;

/** What the file system answers when it is not ours to blame, and what mends it. */
const REFUSALS: Record<string, { reason: string; remedy: (folder: string) => string }> = {
  EACCES: { reason: "permission denied", remedy: MINE },
  EPERM: { reason: "permission denied", remedy: MINE },
  EROFS: { reason: "the disk is read-only", remedy: () => "use a folder on another disk" },
  ENOSPC: { reason: "the disk is full", remedy: () => "free some space, then try again" },
};

/** How the embedded engine says that the disk is full: Emscripten's number of ENOSPC. */
const ENGINE_ENOSPC = 51;

/** In words, an error with which the file system refused a file; undefined for any other error. */
export function describeRefusal(error: unknown): { message: string; remedy: string } | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, errno, path, syscall = "write" } = error as Partial<NodeJS.ErrnoException>;
  const refusal = REFUSALS[errno === ENGINE_ENOSPC ? "ENOSPC" : (code ?? "")];
  // The same codes mean something else when they come of a socket or a process.
  const isFile = path === undefined ? syscall === "write" : !syscall.startsWith("spawn");
  if (!refusal || !isFile) return undefined;
  return {
    message: path === undefined ? refusal.reason : `${path}: ${refusal.reason}`,
    remedy: refusal.remedy(path === undefined ? "." : dirname(path)),
  };
}
