import { card, figure, note } from "./card.ts";
import { drawColumns, drawLines, drawRanking } from "./charts.ts";
import { formatCount, formatDay, formatMoney } from "./format.ts";
import type { Html } from "./html.ts";
import type { SectionRows, Sections } from "./sections.ts";
import { foldedTable, table } from "./table.ts";
import { dollars, wholeCount } from "./units.ts";

/** Returns the cards about the product: active users, feedback and usage. */
export function productCards(sections: Sections): Html[] {
  return [activeUsers(sections), feedback(sections), tenantUsage(sections)];
}

function activeUsers({ active_users }: Sections): Html {
  const text = {
    title: "Daily active users",
    about: "Users with activity on each of the last 30 days (UTC), by system.",
  };
  return card(text, active_users, (rows) => {
    const series = [
      { name: "Assistant", color: "blue", values: rows.map((row) => row.assistant) },
      { name: "Creative director", color: "orange", values: rows.map((row) => row.director) },
      { name: "AI integration", color: "green", values: rows.map((row) => row.integration) },
    ] as const;
    const days = rows.map(({ day }) => formatDay(day));
    const isEmpty = series.every(({ values }) => values.every((value) => value === 0));
    return [
      isEmpty
        ? note("No user was active.")
        : figure(
            "Lines: active users by day and system",
            drawLines({ days, series: [...series], unit: wholeCount }),
          ),
      foldedTable("Active users by day and system", rows, [
        { title: "Day", cell: ({ day }) => day },
        { title: "Assistant", numeric: true, cell: (row) => formatCount(row.assistant) },
        { title: "Creative director", numeric: true, cell: (row) => formatCount(row.director) },
        { title: "AI integration", numeric: true, cell: (row) => formatCount(row.integration) },
      ]),
    ];
  });
}

function feedback({ feedback: section }: Sections): Html {
  const text = {
    title: "Feedback",
    about: "Thumbs up and thumbs down on each of the last 30 days (UTC), over all tenants.",
  };
  return card(text, section, (rows) => {
    const isEmpty = rows.every(({ positive, negative }) => positive + negative === 0);
    return [
      isEmpty
        ? note("There was no feedback.")
        : figure(
            "Columns: positive feedback upwards and negative downwards, by day",
            drawColumns({
              days: rows.map(({ day }) => formatDay(day)),
              series: [
                { name: "Positive", color: "green", values: rows.map((row) => row.positive) },
                { name: "Negative", color: "orange", values: rows.map((row) => -row.negative) },
              ],
              unit: wholeCount,
            }),
          ),
      foldedTable("Feedback by day", rows, [
        { title: "Day", cell: ({ day }) => day },
        { title: "Positive", numeric: true, cell: ({ positive }) => formatCount(positive) },
        { title: "Negative", numeric: true, cell: ({ negative }) => formatCount(negative) },
      ]),
    ];
  });
}

function tenantUsage({ tenant_usage }: Sections): Html {
  const text = {
    title: "Tokens and cost by tenant",
    about: "The current month (UTC): the ten most expensive tenants, and the sum of the others.",
  };
  return card(text, tenant_usage, (rows) => {
    if (rows.length === 0) return note("There was no usage this month.");
    const labels = rows.map(nameOf);
    return [
      figure(
        "Bars: tokens by tenant, of prompts and of completions",
        drawRanking({
          labels,
          series: [
            { name: "Prompt tokens", color: "blue", values: rows.map((row) => row.prompt_tokens) },
            {
              name: "Completion tokens",
              color: "orange",
              values: rows.map((row) => row.completion_tokens),
            },
          ],
          unit: wholeCount,
        }),
      ),
      figure(
        "Bars: cost by tenant",
        drawRanking({
          labels,
          series: [{ name: "Cost", color: "green", values: rows.map((row) => Number(row.cost)) }],
          unit: dollars,
        }),
      ),
      table("Usage of the month by tenant", rows, [
        { title: "Tenant", cell: nameOf },
        { title: "Slug", cell: ({ slug }) => slug ?? "–" },
        { title: "Prompt", numeric: true, cell: (row) => formatCount(row.prompt_tokens) },
        { title: "Completion", numeric: true, cell: (row) => formatCount(row.completion_tokens) },
        { title: "Requests", numeric: true, cell: (row) => formatCount(row.request_count) },
        { title: "Cost", numeric: true, cell: ({ cost }) => formatMoney(cost) },
      ]),
    ];
  });
}

function nameOf({ name, tenants }: SectionRows["tenant_usage"]): string {
  return name ?? `${formatCount(tenants)} others`;
}
