import { dirname } from "node:path";

const MINE = (folder: string) =>
  `take ownership of the folder: sudo chown -R "$(id -un)" ${folder}`;

/** Errors of the file system that the user can fix, and how. */
const REFUSALS: Record<string, { reason: string; remedy: (folder: string) => string }> = {
  EACCES: { reason: "permission denied", remedy: MINE },
  EPERM: { reason: "permission denied", remedy: MINE },
  EROFS: { reason: "the disk is read-only", remedy: () => "use a folder on another disk" },
  ENOSPC: { reason: "the disk is full", remedy: () => "free some space, then try again" },
};

/** The number with which the embedded engine reports a full disk: Emscripten's ENOSPC. */
const ENGINE_ENOSPC = 51;

/** Describes an error of the file system for the user. Returns undefined for any other error. */
export function describeRefusal(error: unknown): { message: string; remedy: string } | undefined {
  if (typeof error !== "object" || error === null) return undefined;
  const { code, errno, path, syscall = "write" } = error as Partial<NodeJS.ErrnoException>;
  const refusal = REFUSALS[errno === ENGINE_ENOSPC ? "ENOSPC" : (code ?? "")];
  // The same codes mean something else when a socket or a process raises them.
  const isFile = path === undefined ? syscall === "write" : !syscall.startsWith("spawn");
  if (!refusal || !isFile) return undefined;
  return {
    message: path === undefined ? refusal.reason : `${path}: ${refusal.reason}`,
    remedy: refusal.remedy(path === undefined ? "." : dirname(path)),
  };
}
