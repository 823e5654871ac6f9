import { card, contentOf, figure, note } from "./card.ts";
import { drawLines, drawRanking } from "./charts.ts";
import { REFRESH_LIMIT_HOURS, SLOW_QUERY_MS } from "./flags.ts";
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDay,
  formatDuration,
  formatGrowth,
  formatTime,
  shorten,
} from "./format.ts";
import { type Html, html } from "./html.ts";
import type { SectionRows, Sections } from "./sections.ts";
import { foldedTable, table } from "./table.ts";
import { bytes, hours, milliseconds } from "./units.ts";

/** The maximum number of bars in a chart. The tables list all rows. */
const BARS = 12;

/** Returns the cards about the database: sizes, growth, queries and maintenance. */
export function databaseCards(sections: Sections, now: Date, countedSince: string | null): Html[] {
  return [
    sizes(sections),
    growth(sections),
    slowQueries(sections),
    unusedIndexes(sections, countedSince),
    refreshes(sections, now),
    maintenance(sections, now),
  ];
}

function sizes({ sizes: section }: Sections): Html {
  const text = {
    title: "Table and index sizes",
    about: `The 20 largest tables and materialized views. The chart shows the first ${BARS}.`,
  };
  return card(text, section, (rows) => {
    const top = rows.slice(0, BARS);
    return [
      figure(
        "Bars: size of the largest tables, rows and indexes",
        drawRanking({
          labels: top.map(({ relation }) => withoutPublic(relation)),
          series: [
            { name: "Rows", color: "blue", values: top.map((row) => row.table_bytes) },
            { name: "Indexes", color: "orange", values: top.map((row) => row.index_bytes) },
          ],
          unit: bytes,
        }),
      ),
      foldedTable("Sizes of tables and their indexes", rows, [
        { title: "Table", cell: ({ relation }) => relation },
        { title: "Rows, estimated", numeric: true, cell: (row) => formatCount(row.estimated_rows) },
        { title: "Table", numeric: true, cell: (row) => formatBytes(row.table_bytes) },
        { title: "Indexes", numeric: true, cell: (row) => formatBytes(row.index_bytes) },
        { title: "Total", numeric: true, cell: (row) => formatBytes(row.total_bytes) },
      ]),
    ];
  });
}

function growth({ growth: section, size_history }: Sections): Html {
  const text = {
    title: "Growth",
    about: "Total size by day, and the growth of each table within a week, from daily snapshots.",
  };
  return card(text, size_history, (days) => {
    if (days.length === 0)
      return note("There are no snapshots yet. To take one, run: npm run db:maintain -- daily");
    return [
      figure(
        "Lines: size of all tables and of all indexes by day",
        drawLines({
          days: days.map(({ day }) => formatDay(day)),
          series: [
            { name: "Tables", color: "blue", values: days.map((row) => row.table_bytes) },
            { name: "Indexes", color: "orange", values: days.map((row) => row.index_bytes) },
          ],
          unit: bytes,
        }),
      ),
      foldedTable("Size of all tables by day", days, [
        { title: "Day", cell: ({ day }) => day },
        { title: "Tables", numeric: true, cell: (row) => formatBytes(row.table_bytes) },
        { title: "Indexes", numeric: true, cell: (row) => formatBytes(row.index_bytes) },
      ]),
      contentOf(section, growthTable),
    ];
  });
}

function growthTable(all: SectionRows["growth"][]): Html {
  const rows = all.filter((row) => row.bytes_after !== row.bytes_before).slice(0, BARS);
  if (all.length === 0) return note("Growth needs snapshots of at least two days.");
  if (rows.length === 0) return note("No table has changed in size.");
  return table("Growth of tables within a week", rows, [
    { title: "Table", cell: ({ relation }) => relation },
    { title: "From", cell: ({ since }) => formatDay(since) },
    { title: "To", cell: ({ until }) => formatDay(until) },
    { title: "Before", numeric: true, cell: (row) => formatBytes(row.bytes_before) },
    { title: "After", numeric: true, cell: (row) => formatBytes(row.bytes_after) },
    {
      title: "Growth",
      numeric: true,
      cell: ({ bytes_before, bytes_after }) => formatGrowth(bytes_before, bytes_after),
    },
  ]);
}

function slowQueries({ slow_queries }: Sections): Html {
  const text = {
    title: "Slow queries",
    about: "The statements with the highest mean time, without maintenance and schema changes.",
  };
  return card(text, slow_queries, (rows) => {
    if (rows.length === 0) return note("There are no statistics yet.");
    const numbered = rows.map((row, i) => ({ ...row, number: `#${i + 1}` }));
    return [
      figure(
        "Bars: mean time of the slowest queries, numbered as in the table",
        drawRanking({
          labels: numbered.map(({ number }) => number),
          series: [{ name: "Mean", color: "blue", values: rows.map((row) => row.mean_ms) }],
          unit: milliseconds,
          limit: { value: SLOW_QUERY_MS, label: "1 s" },
        }),
      ),
      table("The slowest queries", numbered, [
        { title: "", cell: ({ number }) => number },
        { title: "Query", cell: ({ query }) => html`<code>${shorten(query, 300)}</code>` },
        { title: "Role", cell: ({ role }) => role },
        { title: "Calls", numeric: true, cell: ({ calls }) => formatCount(calls) },
        { title: "Mean", numeric: true, cell: ({ mean_ms }) => formatDuration(mean_ms) },
        { title: "Max", numeric: true, cell: ({ max_ms }) => formatDuration(max_ms) },
      ]),
    ];
  });
}

function unusedIndexes({ unused_indexes }: Sections, countedSince: string | null): Html {
  const since = countedSince ? formatTime(countedSince) : "the database was created";
  const text = {
    title: "Unused indexes",
    about: `Indexes that no query has used since ${since}, except for unique indexes.`,
  };
  return card(text, unused_indexes, (rows) => {
    if (rows.length === 0) return note("Every index has been used.");
    const top = rows.slice(0, BARS);
    return [
      figure(
        "Bars: size of the largest unused indexes",
        drawRanking({
          labels: top.map(({ index }) => withoutPublic(index)),
          series: [{ name: "Size", color: "blue", values: top.map((row) => row.bytes) }],
          unit: bytes,
        }),
      ),
      foldedTable("Unused indexes", rows, [
        { title: "Index", cell: ({ index }) => index },
        { title: "Table", cell: ({ relation }) => relation },
        { title: "Size", numeric: true, cell: (row) => formatBytes(row.bytes) },
      ]),
    ];
  });
}

function refreshes({ matviews }: Sections, now: Date): Html {
  const text = {
    title: "Freshness of materialized views",
    about: `Hours since the last successful refresh. After ${REFRESH_LIMIT_HOURS} h it is overdue.`,
  };
  return card(text, matviews, (rows) => {
    const refreshed = rows.flatMap(({ view, refreshed_at }) =>
      refreshed_at ? { view, age: hoursBetween(refreshed_at, now) } : [],
    );
    return [
      refreshed.length === 0
        ? note("The log has no refresh yet.")
        : figure(
            "Bars: hours since the last refresh of each materialized view",
            drawRanking({
              labels: refreshed.map(({ view }) => view),
              series: [{ name: "Hours", color: "blue", values: refreshed.map(({ age }) => age) }],
              unit: hours,
              limit: { value: REFRESH_LIMIT_HOURS, label: "overdue" },
            }),
          ),
      table("Materialized views", rows, [
        { title: "View", cell: ({ view }) => view },
        {
          title: "Last refreshed",
          cell: ({ refreshed_at }) => (refreshed_at ? formatTime(refreshed_at) : "never"),
        },
        { title: "Daily", cell: ({ is_maintained }) => (is_maintained ? "yes" : "no") },
        { title: "Size", numeric: true, cell: (row) => formatBytes(row.total_bytes) },
      ]),
    ];
  });
}

function maintenance({ maintenance: section }: Sections, now: Date): Html {
  const text = { title: "Maintenance", about: "The last run of each task." };
  return card(text, section, (rows) =>
    rows.length === 0
      ? note("The log has no runs yet.")
      : table("The last run of each maintenance task", rows, [
          { title: "Task", cell: ({ task }) => task },
          {
            title: "Ago",
            numeric: true,
            cell: (row) => formatAge(hoursBetween(row.started_at, now)),
          },
          { title: "Took", numeric: true, cell: (row) => formatDuration(row.duration_ms) },
          { title: "Rows", numeric: true, cell: (row) => formatCount(row.rows_affected) },
          {
            title: "Result",
            cell: ({ error }) =>
              error === null
                ? "succeeded"
                : html`<span class="error">${shorten(error, 300)}</span>`,
          },
        ]),
  );
}

/** Shortens a name for a chart. The tables show the full name. */
function withoutPublic(name: string): string {
  return name.replace(/^public\./, "");
}

function hoursBetween(time: string, now: Date): number {
  return (now.getTime() - Date.parse(time)) / 3_600_000;
}
