import { formatAge, formatBytes, formatDuration, formatGrowth, shorten } from "./format.ts";
import type { Section, SectionName, Sections } from "./sections.ts";

/** A problem that needs action. */
export interface Flag {
  kind: FlagKind;
  /** The table, view, task, query or section with the problem. */
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
  | "repeated_calls"
  | "ownerless_tenant"
  | "unreadable_section";

/** A query is slow above this mean time. */
export const SLOW_QUERY_MS = 1000;
/** The growth per week above which a table is flagged: 0.5 means 50 % of its size. */
export const GROWTH_LIMIT = 0.5;
/** Smaller tables are never flagged, because the first rows multiply the size of an empty one. */
export const GROWTH_FLOOR_BYTES = 1024 ** 2;
/** The maximum age of a daily refresh: a day, plus two hours for a late start or a slow run. */
export const REFRESH_LIMIT_HOURS = 26;
/** How long a failed task is flagged. A monthly task may not run again for a month. */
const FAILURE_LIMIT_HOURS = 7 * 24;

/** Returns the problems in the sections of a report that was read at this time. */
export function findFlags(sections: Sections, now: Date): Flag[] {
  const hoursSince = (time: string) => (now.getTime() - Date.parse(time)) / 3_600_000;
  return [
    ...unreadableSections(sections),
    ...failedRuns(sections, hoursSince),
    ...overdueRefreshes(sections, hoursSince),
    ...repeatedCalls(sections),
    ...ownerlessTenants(sections),
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
      message: `${subject} cannot be read: ${shorten(reason, 200)}`,
      remedy: "check the database URL, the applied migrations, and the privileges of the role",
    };
  });
}

/** Returns why a section has no rows. A missing pg_stat_statements is fine: it is optional. */
function reasonOf(subject: SectionName, section: Section<unknown>): string | undefined {
  if ("error" in section) return section.error;
  return "missing" in section && subject !== "slow_queries" ? section.missing : undefined;
}

/** Flags the tasks whose last run failed. Tasks other than a refresh are flagged for a week. */
function failedRuns({ maintenance }: Sections, hoursSince: (time: string) => number): Flag[] {
  return rowsOf(maintenance).flatMap(({ task, started_at, error }) => {
    const isRefresh = task.startsWith("refresh ");
    const hours = hoursSince(started_at);
    if (error === null || (!isRefresh && hours > FAILURE_LIMIT_HOURS)) return [];
    return {
      kind: isRefresh ? "failed_refresh" : "failed_maintenance",
      subject: task,
      message: `${task} failed ${formatAge(hours)} ago: ${shorten(error, 200)}`,
      remedy: "fix the cause, then run the maintenance again: npm run db:maintain",
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
        : `${view} was never refreshed, but the oldest data is ${formatAge(hours)} old`,
      remedy: "run npm run db:maintain -- daily, and check that the schedule runs",
    };
  });
}

function repeatedCalls({ repeated_calls }: Sections): Flag[] {
  return rowsOf(repeated_calls).flatMap(({ calls }) =>
    calls > 0
      ? {
          kind: "repeated_calls",
          subject: "ai_usage",
          message: `${calls} ${calls === 1 ? "call is" : "calls are"} in ai_usage and in its archive`,
          remedy: "delete them from ai_usage: docs/operations.md has the statement",
        }
      : [],
  );
}

function ownerlessTenants({ ownerless_tenants }: Sections): Flag[] {
  return rowsOf(ownerless_tenants).map(({ slug }) => ({
    kind: "ownerless_tenant",
    subject: slug,
    message: `the tenant ${slug} has members, but no owner who can sign in`,
    remedy: "make a member an owner, or deactivate the tenant: docs/people.md has the statement",
  }));
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
          remedy:
            "speed up the query, then reset the statistics: select pg_stat_statements_reset()",
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
      remedy: "check whether the growth is expected, and whether vacuum keeps up",
    };
  });
}

/** Returns the rows of a section, or none if it could not be read. */
export function rowsOf<Row>(section: Section<Row>): Row[] {
  return "rows" in section ? section.rows : [];
}
