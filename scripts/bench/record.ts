import { readFile, writeFile } from "node:fs/promises";
import { CommandError } from "../project/command.ts";
import { packageRoot } from "../project/settings.ts";
import type { Results } from "./run.ts";

/** From which `npm run generate` makes docs/performance.md. */
export const RECORD = "docs/performance.json";

const file = `${packageRoot}/${RECORD}`;

export async function readRecord(): Promise<Results> {
  return JSON.parse(await readFile(file, "utf8"));
}

/**
 * Keeps the figures of a run: all of them, or those of a part in place of what the record has for
 * their keys.
 */
export async function keepRecord(results: Results, isPart: boolean): Promise<void> {
  const kept = isPart ? replacePart(await readRecord(), results) : results;
  await writeFile(file, `${JSON.stringify(kept, null, 2)}\n`);
}

/**
 * The record with the figures of a part that was measured again, and on which machine that was.
 *
 * @throws CommandError when the two are of different sizes
 */
export function replacePart(record: Results, part: Results): Results {
  const [whole, again] = [record.machine.scale, part.machine.scale];
  if (whole !== again) {
    throw new CommandError(
      `the record is of scale ${whole}, and this part of scale ${again}`,
      "npm run bench -- --record",
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
