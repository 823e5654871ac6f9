import { readFile } from "node:fs/promises";
import type { Report } from "./collect.ts";
import { databaseCards } from "./database-cards.ts";
import type { Flag, FlagKind } from "./flags.ts";
import { formatBytes, formatTime } from "./format.ts";
import { Html, html } from "./html.ts";
import { productCards } from "./product-cards.ts";

/** The page loads nothing and runs no script, even if the database holds hostile text. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'";

const KINDS: Record<FlagKind, string> = {
  slow_query: "Slow query",
  table_growth: "Table growth",
  failed_refresh: "Failed refresh",
  failed_maintenance: "Failed maintenance",
  overdue_refresh: "Overdue refresh",
  repeated_calls: "Repeated calls",
  ownerless_tenant: "Tenant without an owner",
  unreadable_section: "Unreadable section",
};

/** Renders the report as one HTML page that needs no network and no script. */
export async function renderPage(report: Report): Promise<string> {
  const { database, sections, flags, generated_at } = report;
  const sheets = ["colors.css", "page.css"].map((name) => new URL(name, import.meta.url));
  const texts = await Promise.all(sheets.map((sheet) => readFile(sheet, "utf8")));
  const style = new Html(texts.join("\n"));
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Database report: ${database.name}, ${generated_at.slice(0, 10)}</title>
<link rel="icon" href="data:,">
<style>
${style}</style>
</head>
<body>
<header>
<h1>Database report</h1>
<dl>
${fact("Database", `${database.name} on ${database.host}`)}
${fact("Postgres", database.version)}
${fact("Size", formatBytes(database.size_bytes))}
${fact("As of", formatTime(generated_at))}
</dl>
</header>
<main>
${flagList(flags)}
<div class="cards">
${productCards(sections)}${databaseCards(sections, new Date(generated_at), database.statistics_since)}</div>
</main>
</body>
</html>
`;
  return page.markup;
}

function fact(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function flagList(flags: Flag[]): Html {
  if (flags.length === 0) {
    return html`<section class="flags none"><h2>No problems found</h2>
<p>No slow query, no unusual growth, no failed task, no overdue refresh.</p></section>`;
  }
  const items = flags.map(
    ({ kind, message, remedy }) =>
      html`<li><strong>${KINDS[kind]}</strong> <p>${message}</p><p class="remedy">${remedy}</p></li>\n`,
  );
  return html`<section class="flags"><h2>Problems: ${flags.length}</h2>
<ul>
${items}</ul></section>`;
}
