import { readFile, writeFile } from "node:fs/promises";
import { CommandError } from "../project/command.ts";
import { packageRoot } from "../project/settings.ts";
import type { Results } from "./run.ts";

/** The source from which `npm run generate` creates docs/performance.md. */
export const RECORD = "docs/performance.json";

const file = `${packageRoot}/${RECORD}`;

export async function readRecord(): Promise<Results> {
  return JSON.parse(await readFile(file, "utf8"));
}

/**
 * Writes the results of a run to the record. A partial run replaces only the keys that it measured.
 */
export async function keepRecord(results: Results, isPart: boolean): Promise<void> {
  const kept = isPart ? replacePart(await readRecord(), results) : results;
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}

/**
 * Returns the record with the results and the machine of a partial run in place of the old ones.
 *
 * @throws CommandError when the two runs have different scales
 */
export function replacePart(record: Results, part: Results): Results {
  const [whole, again] = [record.machine.scale, part.machine.scale];
  if (whole !== again) {
    throw new CommandError(
      `the record has scale ${whole}, but this run has scale ${again}`,
      "record all benchmarks again: npm run bench -- --record",
    );
  }
  const machines = Object.keys(part.absolute).map((key) => [key, part.machine] as const);
  return {
    ratios: { ...record.ratios, ...part.ratios },
    absolute: { ...record.absolute, ...part.absolute },
    machine: record.machine,
    again: { ...record.again, ...Object.fromEntries(machines) },
  };
}
