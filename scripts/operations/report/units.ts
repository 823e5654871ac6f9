import type { Unit } from "./charts.ts";
import { formatBytes, formatDuration, formatMoney, formatShort } from "./format.ts";

/** Whole counts. Negative values, which are drawn downwards, are shown without a sign. */
export const wholeCount: Unit = { format: (n) => formatShort(Math.abs(n)), isWhole: true };

export const dollars: Unit = { format: formatMoney };

export const milliseconds: Unit = { format: formatDuration };

export const hours: Unit = { format: (n) => `${Math.round(n * 10) / 10} h` };

/** Bytes, with ticks at powers of two, which are round numbers in kB and MB. */
export const bytes: Unit = {
  format: formatBytes,
  interval: (max) => 2 ** Math.ceil(Math.log2(max / 4)),
};
