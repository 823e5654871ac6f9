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

/** As many bars as can be read at a glance; the tables have the rest. */
const BARS = 12;

/** What the database holds and does. */
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
    about: `The largest tables and materialized views; the chart has the first ${BARS}.`,
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
    about: "By the daily snapshots: the size of everything, and what has grown within a week.",
  };
  return card(text, size_history, (days) => {
    if (days.length === 0)
      return note("There are no snapshots yet; npm run db:maintain takes one.");
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
  if (all.length === 0) return note("It takes snapshots of two days to tell what has grown.");
  if (rows.length === 0) return note("No table has changed its size.");
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
    about: "The highest mean times, without maintenance and changes of the schema.",
  };
  return card(text, slow_queries, (rows) => {
    if (rows.length === 0) return note("No query was counted yet.");
    const numbered = rows.map((row, i) => ({ ...row, number: `#${i + 1}` }));
    return [
      figure(
        "Bars: mean time of the slowest queries, which the table numbers",
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
  const since = countedSince ? formatTime(countedSince) : "the database was made";
  const text = {
    title: "Unused indexes",
    about: `No query has used them since ${since}; those that keep keys unique are not listed.`,
  };
  return card(text, unused_indexes, (rows) => {
    if (rows.length === 0) return note("Every index is used.");
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
    about: `Hours since the last refresh that worked; overdue from ${REFRESH_LIMIT_HOURS} on.`,
  };
  return card(text, matviews, (rows) => {
    const refreshed = rows.flatMap(({ view, refreshed_at }) =>
      refreshed_at ? { view, age: hoursBetween(refreshed_at, now) } : [],
    );
    return [
      refreshed.length === 0
        ? note("No refresh is logged yet.")
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
          cell: ({ refreshed_at }) => (refreshed_at ? formatTime(refreshed_at) : "never logged"),
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
      ? note("No run is logged yet.")
      : table("The last run of each task of the maintenance", rows, [
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
              error === null ? "worked" : html`<span class="error">${shorten(error, 300)}</span>`,
          },
        ]),
  );
}

/** A name as short as it can be in a chart; the tables have it in full. */
function withoutPublic(name: string): string {
  return name.replace(/^public\./, "");
}

function hoursBetween(time: string, now: Date): number {
  return (now.getTime() - Date.parse(time)) / 3_600_000;
}
