import { readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { CommandError } from "../project/command.ts";
import { packageRoot } from "../project/settings.ts";

/** What stands around the generated part of a file that is otherwise written by hand. */
export interface Markers {
  start: string;
  end: string;
}

/**
 * Writes a generated file, formatted like the others, or checks that it is as generated.
 *
 * @param markers only the part between them is generated, and the rest stays as it is
 * @param check write nothing
 * @param remedy the command that generates it
 * @returns what has happened
 * @throws CommandError when the file is out of date, or lacks a marker
 */
export async function writeGenerated(options: {
  path: string;
  text: string;
  markers?: Markers;
  check: boolean | undefined;
  remedy: string;
}): Promise<string> {
  const { path, text, markers, check, remedy } = options;
  const file = `${packageRoot}/${path}`;
  const formatted = await format(path, text);
  const found = await readFile(file, "utf8").catch(() => "");
  const generated = markers ? replaceBetween(markers, found, formatted, path) : formatted;
  if (!check) {
    await writeFile(file, generated);
    return `Wrote ${path}.`;
  }
  if (found !== generated) throw new CommandError(`${path} is out of date`, `run: ${remedy}`);
  return `${path} is up to date.`;
}

/**
 * Replaces the part of a page that is generated, and nothing else of it.
 *
 * @throws CommandError when the markers are not there, in their order
 */
export function replaceBetween(
  { start, end }: Markers,
  page: string,
  part: string,
  path: string,
): string {
  const from = page.indexOf(start) + start.length;
  const to = page.indexOf(end, from);
  if (!page.includes(start) || to < 0) {
    throw new CommandError(
      `${path} does not say where its generated part stands`,
      `give it the lines ${start} and ${end}`,
    );
  }
  return `${page.slice(0, from)}\n\n${part}\n${page.slice(to)}`;
}

async function format(path: string, text: string): Promise<string> {
  // As the one who drew it wrote it.
  if (path.endsWith(".svg")) return text;
  const formatted = await execa({
    input: text,
    preferLocal: true,
    localDir: packageRoot,
  })`biome format --stdin-file-path=${path}`;
  return `${formatted.stdout}\n`;
}
