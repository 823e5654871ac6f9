import { readFile, writeFile } from "node:fs/promises";
import { execa } from "execa";
import { CommandError } from "./command.ts";
import { packageRoot } from "./settings.ts";

/**
 * Writes a generated file, formatted like the others, or checks that it is as generated.
 *
 * @param check write nothing
 * @param remedy the command that generates it
 * @returns what has happened
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
  if (!check) {
    await writeFile(file, generated);
    return `Wrote ${path}.`;
  }
  if ((await readFile(file, "utf8").catch(() => "")) !== generated) {
    throw new CommandError(`${path} does not match the migrations`, `run: ${remedy}`);
  }
  return `${path} matches the migrations.`;
}

async function format(path: string, text: string): Promise<string> {
  const formatted = await execa({
    input: text,
    preferLocal: true,
    localDir: packageRoot,
  })`biome format --stdin-file-path=${path}`;
  return `${formatted.stdout}\n`;
}
