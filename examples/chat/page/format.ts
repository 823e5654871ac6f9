import type { Conversation } from "supabase-ai-schema";

const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/** Returns "6 days ago" or "just now". */
export function when(timestamp: string): string {
  const seconds = (Date.parse(timestamp) - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? [];
  return unit && length ? RELATIVE.format(Math.round(seconds / length), unit) : "just now";
}

export function titleOf({ title }: Pick<Conversation, "title">): string {
  return title || "Untitled";
}

const NUMBER = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const DOLLARS = new Intl.NumberFormat("en", {
  style: "currency",
  currency: "USD",
  maximumFractionDigits: 3,
});

export const formatNumber = (value: number) => NUMBER.format(value);
export const formatShort = (value: number) => SHORT.format(value);
export const formatDollars = (value: number) => DOLLARS.format(value);

/** Returns "1 message" or "2 messages". */
export function count(many: number, noun: string): string {
  return `${formatNumber(many)} ${noun}${many === 1 ? "" : "s"}`;
}
