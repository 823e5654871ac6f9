import { formatAge, formatBytes, formatDuration, formatGrowth, shorten } from "./format.ts";
import type { Section, SectionName, Sections } from "./sections.ts";

/** Something to act on. */
export interface Flag {
  kind: FlagKind;
  /** The table, view, task, query or section that it is about. */
  subject: string;
  message: string;
  remedy: string;
}

export type FlagKind =
  | "slow_query"
  | "table_growth"
  | "failed_refresh"
  | "failed_maintenance"
  | "overdue_refresh"
  | "unreadable_section";

/** The mean time of a query from which on it is slow. */
export const SLOW_QUERY_MS = 1000;
/** The part of its size by which a table may grow in a week. */
export const GROWTH_LIMIT = 0.5;
/** Smaller tables may grow as they like: the first rows of an empty one multiply it. */
export const GROWTH_FLOOR_BYTES = 1024 ** 2;
/** How old a daily refresh may be: a day, and two hours for one that starts late or takes long. */
export const REFRESH_LIMIT_HOURS = 26;
/** How long a task that failed, and may not run again for a month, is something to act on. */
const FAILURE_LIMIT_HOURS = 7 * 24;

/** What the sections of a report, read at this time, call to act on. */
export function findFlags(sections: Sections, now: Date): Flag[] {
  const hoursSince = (time: string) => (now.getTime() - Date.parse(time)) / 3_600_000;
  return [
    ...unreadableSections(sections),
    ...failedRuns(sections, hoursSince),
    ...overdueRefreshes(sections, hoursSince),
    ...slowQueries(sections),
    ...grownTables(sections),
  ];
}

function unreadableSections(sections: Sections): Flag[] {
  const entries = Object.entries(sections) as [SectionName, Section<unknown>][];
  return entries.flatMap(([subject, section]) => {
    const reason = reasonOf(subject, section);
    if (reason === undefined) return [];
    return {
      kind: "unreadable_section",
      subject,
      message: `${subject} could not be read: ${shorten(reason, 200)}`,
      remedy:
        "see that it is the right database, with all migrations, and that the role may read it",
    };
  });
}

/** Why there is nothing in a section; pg_stat_statements alone is no part of the schema. */
function reasonOf(subject: SectionName, section: Section<unknown>): string | undefined {
  if ("error" in section) return section.error;
  return "missing" in section && subject !== "slow_queries" ? section.missing : undefined;
}

/** The tasks whose last run failed; one that is no refresh for a week at most. */
function failedRuns({ maintenance }: Sections, hoursSince: (time: string) => number): Flag[] {
  return rowsOf(maintenance).flatMap(({ task, started_at, error }) => {
    const isRefresh = task.startsWith("refresh ");
    const hours = hoursSince(started_at);
    if (error === null || (!isRefresh && hours > FAILURE_LIMIT_HOURS)) return [];
    return {
      kind: isRefresh ? "failed_refresh" : "failed_maintenance",
      subject: task,
      message: `${task} failed ${formatAge(hours)} ago: ${shorten(error, 200)}`,
      remedy: "mend the cause, then run the maintenance again: npm run db:maintain",
    };
  });
}

function overdueRefreshes({ matviews }: Sections, hoursSince: (time: string) => number): Flag[] {
  return rowsOf(matviews).flatMap(({ view, is_maintained, refreshed_at, data_since }) => {
    const since = refreshed_at ?? data_since;
    if (!is_maintained || since === null) return [];
    const hours = hoursSince(since);
    if (hours <= REFRESH_LIMIT_HOURS) return [];
    return {
      kind: "overdue_refresh",
      subject: view,
      message: refreshed_at
        ? `${view} was last refreshed ${formatAge(hours)} ago`
        : `${view} was never refreshed, and there has been data for ${formatAge(hours)}`,
      remedy: "refresh it: npm run db:maintain -- daily; and see that the schedule runs",
    };
  });
}

function slowQueries({ slow_queries }: Sections): Flag[] {
  return rowsOf(slow_queries).flatMap(({ query, role, calls, mean_ms }) =>
    mean_ms > SLOW_QUERY_MS
      ? {
          kind: "slow_query",
          subject: shorten(query, 200),
          message:
            `a query of ${role} takes ${formatDuration(mean_ms)} on average ` +
            `(${calls} ${calls === 1 ? "call" : "calls"}): ${shorten(query, 200)}`,
          remedy: "speed it up, then forget the past: select pg_stat_statements_reset()",
        }
      : [],
  );
}

function grownTables({ growth }: Sections): Flag[] {
  return rowsOf(growth).flatMap(({ relation, since, until, bytes_before, bytes_after }) => {
    if (bytes_after < GROWTH_FLOOR_BYTES || bytes_after <= bytes_before * (1 + GROWTH_LIMIT)) {
      return [];
    }
    const ratio = formatGrowth(bytes_before, bytes_after);
    return {
      kind: "table_growth",
      subject: relation,
      message:
        `${relation} grew from ${formatBytes(bytes_before)} to ${formatBytes(bytes_after)} ` +
        `(${ratio}) between ${since} and ${until}`,
      remedy: "see whether that is expected, and whether vacuum keeps up",
    };
  });
}

/** The rows of a section that has some. */
export function rowsOf<Row>(section: Section<Row>): Row[] {
  return "rows" in section ? section.rows : [];
}
