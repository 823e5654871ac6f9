/** Half of a surrogate pair, which is left when a stream cuts an emoji in two. */
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Returns a value with U+FFFD in place of each half of a surrogate pair. Postgres would refuse the
 * whole request (22P02).
 */
export function wellFormed<T>(value: T): T {
  if (typeof value === "string") return value.replace(HALF, "\ufffd") as T;
  if (Array.isArray(value)) return value.map(wellFormed) as T;
  if (value === undefined || value === null) return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value as object).map(([key, part]) => [wellFormed(key), wellFormed(part)]),
  ) as T;
}
