/** Usage of the current month (UTC): totals, a chart, and the same numbers as a table. */
import {
  listDailyUsage,
  listMonthlyUsage,
  type MonthlyUsageCursor,
  type UsageCursor,
  type UsageMetrics,
} from "supabase-ai-schema";
import { create } from "./dom.ts";
import { formatDollars, formatNumber, formatShort } from "./format.ts";
import { onlyLatest } from "./latest.ts";
import { isAdmin, type Session } from "./session.ts";
import { createUsageChart } from "./usage-chart.ts";

/** The largest page that the helpers allow. */
const PAGE = 999;

/** The usage of one day, summed over members. */
export interface DayOfUse {
  date: string;
  prompt: number;
  completion: number;
  requests: number;
}

export function createUsagePanel(session: Session) {
  const latest = onlyLatest(session.signal);
  const chart = createUsageChart(session.signal);
  const totals = create("dl", { class: "totals" });
  const rows = create("tbody");
  const table = create(
    "table",
    {},
    create("caption", { class: "hidden" }, "Usage of the month by day"),
    create("thead", {}, createRow("th", ["Day", "Requests", "Prompt", "Completion"])),
    rows,
  );
  const scope = isAdmin(session) ? `All of ${session.tenant.name}` : "Your own usage";

  async function refresh() {
    const month = monthOf(new Date());
    const from = month[0] as string;
    const [days, months] = await latest((signal) =>
      Promise.all([
        readAll((after: UsageCursor | null) =>
          listDailyUsage(session.client, { from, after, limit: PAGE, signal }),
        ),
        readAll((after: MonthlyUsageCursor | null) =>
          listMonthlyUsage(session.client, { from, after, limit: PAGE, signal }),
        ),
      ]),
    );
    const sum = (column: "total_tokens" | "request_count" | "estimated_cost") =>
      months.reduce((total, each) => total + each[column], 0);
    totals.replaceChildren(
      createTotal("Requests", formatNumber(sum("request_count"))),
      createTotal("Tokens", formatShort(sum("total_tokens"))),
      createTotal("Cost", formatDollars(sum("estimated_cost"))),
    );
    const byDay = month.map((date) => dayOfUse(date, days));
    chart.draw(byDay);
    rows.replaceChildren(
      ...byDay
        .filter(({ requests }) => requests > 0)
        .map(({ date, requests, prompt, completion }) =>
          createRow("td", [date, ...[requests, prompt, completion].map(formatNumber)]),
        ),
    );
  }

  return {
    element: create(
      "section",
      { class: "card usage", "aria-labelledby": "usage-title" },
      create("h2", { id: "usage-title" }, "This month"),
      create("p", { class: "hint" }, scope),
      totals,
      chart.element,
      create("details", {}, create("summary", {}, "As a table"), table),
    ),
    refresh,
  };
}

/** Reads all pages. For most tenants, a month is one page. */
async function readAll<Row, Cursor>(
  read: (after: Cursor | null) => Promise<{ usage: Row[]; next: Cursor | null }>,
): Promise<Row[]> {
  const all: Row[] = [];
  let after: Cursor | null = null;
  do {
    const { usage, next }: { usage: Row[]; next: Cursor | null } = await read(after);
    all.push(...usage);
    after = next;
  } while (after);
  return all;
}

/** Returns the dates of the current month in UTC, because the database counts days in UTC. */
function monthOf(now: Date): string[] {
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const length = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Array.from({ length }, (_, i) =>
    new Date(Date.UTC(year, month, i + 1)).toISOString().slice(0, 10),
  );
}

function dayOfUse(date: string, all: UsageMetrics[]): DayOfUse {
  const today = all.filter((each) => each.date === date);
  const sum = (column: "prompt_tokens" | "completion_tokens" | "request_count") =>
    today.reduce((total, each) => total + each[column], 0);
  return {
    date,
    prompt: sum("prompt_tokens"),
    completion: sum("completion_tokens"),
    requests: sum("request_count"),
  };
}

function createTotal(name: string, value: string) {
  return create("div", {}, create("dt", {}, name), create("dd", {}, value));
}

function createRow(tag: "th" | "td", [first = "", ...rest]: string[]) {
  const head = create("th", { scope: tag === "th" ? "col" : "row" }, first);
  const scope = tag === "th" ? "col" : undefined;
  return create("tr", {}, head, ...rest.map((text) => create(tag, { scope }, text)));
}
