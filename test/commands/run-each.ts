// Runs commands one after the other in this process, each with the same option, and prints how each
// ended: `tsx run-each.ts OPTION FILE …`.
import { basename } from "node:path";
import { pathToFileURL } from "node:url";
import { format } from "node:util";

const [option = "", ...files] = process.argv.slice(2);
const { log } = console;
const ended: Record<string, object> = {};

for (const file of files) {
  const said = { stdout: [] as string[], stderr: [] as string[] };
  console.log = (...values) => void said.stdout.push(format(...values));
  console.error = (...values) => void said.stderr.push(format(...values));
  process.argv = [process.argv[0] ?? "", file, option];
  process.exitCode = 0;
  await import(pathToFileURL(file).href);
  ended[basename(file, ".ts")] = {
    stdout: said.stdout.join("\n"),
    stderr: said.stderr.join("\n"),
    exitCode: process.exitCode,
  };
}

process.exitCode = 0;
log(JSON.stringify(ended));
