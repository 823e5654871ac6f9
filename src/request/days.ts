import { DatabaseError } from "./errors.js";

/**
 * Returns a day unchanged. Postgres would silently cut a time, and a time with a time zone can be on
 * another day in UTC.
 *
 * @throws DatabaseError `22007` for a text that is not `YYYY-MM-DD`
 */
export function dayOf<Day extends string | undefined>(day: Day): Day {
  if (day === undefined || /^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  const message = `a day must have the form YYYY-MM-DD, not ${day}`;
  throw new DatabaseError({ message, code: "22007", details: "", hint: "" });
}
