import type { Unit } from "./charts.ts";
import { formatBytes, formatDuration, formatMoney, formatShort } from "./format.ts";

/** Of people and other things that come whole; downwards as upwards. */
export const wholeCount: Unit = { format: (n) => formatShort(Math.abs(n)), isWhole: true };

export const dollars: Unit = { format: formatMoney };

export const milliseconds: Unit = { format: formatDuration };

export const hours: Unit = { format: (n) => `${Math.round(n * 10) / 10} h` };

/** With ticks at powers of two, which are round in kB and MB. */
export const bytes: Unit = {
  format: formatBytes,
  interval: (max) => 2 ** Math.ceil(Math.log2(max / 4)),
};
