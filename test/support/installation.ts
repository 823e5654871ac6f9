import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { packageRoot } from "../../scripts/project/settings.ts";

/** A copy of this project's commands in a temporary folder, with fewer packages installed. */
export interface Installation {
  dir: string;
  /** The path of its `scripts/run.cjs`. */
  launcher: string;
  remove: () => void;
}

/**
 * Creates the copy.
 *
 * @param options.without packages to leave out, or everything
 * @param options.copied packages to copy, because they must find each other in this folder. The
 *   rest are links, which find their dependencies in the original folder.
 */
export function createInstallation(options: {
  without?: string[] | "everything";
  copied?: string[];
}): Installation {
  const { without = [], copied = [] } = options;
  const dir = mkdtempSync(join(tmpdir(), "installation-test-"));
  for (const part of ["scripts", "src", "package.json"]) {
    cpSync(join(packageRoot, part), join(dir, part), { recursive: true });
  }
  for (const name of without === "everything" ? [] : packages()) {
    if (without.includes(name)) continue;
    const from = realpathSync(join(packageRoot, "node_modules", name));
    const to = join(dir, "node_modules", name);
    mkdirSync(dirname(to), { recursive: true });
    // Leave out the binary that esbuild's install script may have stored: it would be used instead
    // of the optional dependency.
    const filter = (path: string) => !/[/\\](bin[/\\]esbuild|downloaded-[^/\\]*)$/.test(path);
    if (copied.includes(name)) cpSync(from, to, { recursive: true, filter });
    else symlinkSync(from, to, "junction");
  }
  return {
    dir,
    launcher: join(dir, "scripts/run.cjs"),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function packages(): string[] {
  const root = join(packageRoot, "node_modules");
  return readdirSync(root).flatMap((name) =>
    name.startsWith("@") ? readdirSync(join(root, name)).map((inner) => `${name}/${inner}`) : name,
  );
}
