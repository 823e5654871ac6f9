const counts = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat("en", { style: "percent", signDisplay: "exceptZero" });
const days = new Intl.DateTimeFormat("en", { day: "numeric", month: "short", timeZone: "UTC" });

/** 1234567 → 1,234,567 */
export function formatCount(value: number | null): string {
  return value === null ? "–" : counts.format(value);
}

/** 1234567 → 1.2M */
export function formatShort(value: number): string {
  return short.format(value);
}

/** Formats US dollars with two decimals, or with three significant digits below 1 dollar. */
export function formatMoney(value: string | number): string {
  const amount = Number(value);
  const digits = amount > 0 && amount < 1 ? 2 - Math.floor(Math.log10(amount)) : 2;
  const fraction = { minimumFractionDigits: 2, maximumFractionDigits: Math.min(digits, 20) };
  return amount.toLocaleString("en", { style: "currency", currency: "USD", ...fraction });
}

/** 1536 → 1.5 kB, with 1 kB = 1024 bytes as in Postgres. */
export function formatBytes(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(Math.floor(Math.log2(Math.max(bytes, 1)) / 10), units.length - 1);
  const value = bytes / 1024 ** power;
  return `${value.toFixed(value < 10 && value % 1 !== 0 ? 1 : 0)} ${units[power]}`;
}

/** 1532.4 → 1.53 s */
export function formatDuration(ms: number): string {
  if (ms >= 60_000) return `${(ms / 60_000).toFixed(1)} min`;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms.toFixed(ms < 10 && ms % 1 !== 0 ? 2 : 0)} ms`;
}

/** 31.4 → 31 hours, and from 48 hours on, days: 50 → 2 days */
export function formatAge(hours: number): string {
  if (hours < 1) return "less than an hour";
  const days = Math.floor(hours / 24);
  if (days >= 2) return `${days} days`;
  return Math.round(hours) === 1 ? "1 hour" : `${Math.round(hours)} hours`;
}

/** Formats the relative growth: 0.634 → +63% */
export function formatGrowth(before: number, after: number): string {
  if (before === 0) return after === 0 ? "0%" : "from nothing";
  return percents.format(after / before - 1);
}

/** 2026-11-22 → Nov 22 */
export function formatDay(day: string): string {
  return days.format(new Date(day));
}

/** Formats a time in UTC, to the minute. */
export function formatTime(time: string): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** Returns text on one line, cut to `length` characters, without terminal control characters. */
export function shorten(text: string, length: number): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return line.length > length ? `${line.slice(0, length - 1)}…` : line;
}
