import { readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { CommandError } from "../project/command.ts";
import { packageRoot } from "../project/settings.ts";

/**
 * Formats and writes a generated file, or checks that the file on disk is up to date.
 *
 * @param check whether to check only, and write nothing
 * @param remedy the command that generates the file
 * @returns a line that says what was done
 * @throws CommandError when the file is out of date
 */
export async function writeGenerated(options: {
  path: string;
  text: string;
  check: boolean | undefined;
  remedy: string;
}): Promise<string> {
  const { path, text, check, remedy } = options;
  const file = `${packageRoot}/${path}`;
  const generated = await format(path, text);
  const found = await readFile(file, "utf8").catch(() => "");
  if (!check) {
    await writeFile(file, generated);
    return `Wrote ${path}.`;
  }
  if (found !== generated) throw new CommandError(`${path} is out of date`, `run: ${remedy}`);
  return `${path} is up to date.`;
}

async function format(path: string, text: string): Promise<string> {
  // Charts keep the formatting of the chart library.
  if (path.endsWith(".svg")) return text;
  const formatted = await execa({
    input: text,
    preferLocal: true,
    localDir: packageRoot,
  })`biome format --stdin-file-path=${path}`;
  return `${formatted.stdout}\n`;
}
