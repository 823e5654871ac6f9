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

/** A copy of this project's commands in a folder of its own, with less installed. */
export interface Installation {
  dir: string;
  /** Its `scripts/run.cjs`. */
  launcher: string;
  remove: () => void;
}

/**
 * Makes the copy.
 *
 * @param options.without packages to leave out, or everything
 * @param options.copied packages that must find each other in this folder: the rest are links, which
 *   find what they need where they really are
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
    // What esbuild's install script may have put there stands in for its optional dependency.
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
