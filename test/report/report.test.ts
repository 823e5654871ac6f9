import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import type { Browser, Page } from "playwright-core";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uniqueName } from "../../scripts/contract/columns.ts";
import { collectReport, type Report } from "../../scripts/operations/report/collect.ts";
import { renderPage } from "../../scripts/operations/report/page.ts";
import { sectionSources } from "../../scripts/operations/report/sections.ts";
import { packageRoot } from "../../scripts/project/settings.ts";

import { BROWSER, launchBrowser } from "../support/browser.ts";
import { asOwner } from "../support/clients.ts";
import { createProject, type Project } from "../support/project.ts";

/** A database whose maintenance has just run: nothing to act on. */
const HEALTHY = `
  delete from private.maintenance_runs;
  delete from private.size_snapshots;
  insert into private.maintenance_runs (task, started_at, finished_at)
  select task, now() - interval '3 hours', now() - interval '3 hours'
  from unnest(private.maintenance_tasks('daily')) task`;

/** Returns the report on a database with these changes, which are then rolled back. */
async function reportOn(...changes: string[]): Promise<Report> {
  let report: Report | undefined;
  const undo = new Error("undo");
  const done = asOwner().begin(async (sql) => {
    await sql.unsafe([HEALTHY, ...changes].join(";\n"));
    report = await collectReport(sql, "db.example:5432");
    throw undo;
  });
  await expect(done).rejects.toBe(undo);
  return report as Report;
}

const flagsOf = async (...changes: string[]) =>
  (await reportOn(...changes)).flags.map(({ kind, subject }) => `${kind}: ${subject}`);

const run = (task: string, hoursAgo: number, error: string | null = null) =>
  `insert into private.maintenance_runs (task, started_at, finished_at, error)
   values ('${task}', now() - ${hoursAgo} * interval '1 hour', now() - ${hoursAgo - 0.01} *
     interval '1 hour', ${error === null ? "null" : `'${error}'`})`;

const forget = (task: string) => `delete from private.maintenance_runs where task = '${task}'`;

const snapshot = (daysAgo: number, megabytes: number) =>
  `insert into private.size_snapshots (taken_on, relation, table_bytes, index_bytes)
   select (now() at time zone 'utc')::date - ${daysAgo}, 'public.messages', 3 * b.quarter, b.quarter
   from (select (${megabytes} * 1024 * 256)::bigint as quarter) b`;

/** A replacement of pg_stat_statements, because a test cannot make Postgres load it. */
const statements = (...rows: { query: string; mean: number }[]) =>
  `drop extension if exists pg_stat_statements;
   create view private.pg_stat_statements as
   select s.query, s.mean as mean_exec_time, s.mean * 3 as max_exec_time, s.mean * 7 as
     total_exec_time, 7::bigint as calls, 70::bigint as rows, 1::bigint as queryid,
     current_user::regrole::oid as userid, d.oid as dbid
   from (values ${rows.map(({ query, mean }) => `($q$${query}$q$, ${mean}::float8)`)}) s (query, mean)
   join pg_database d on d.datname = current_database()`;

const oldestTenant = (hours: number) =>
  `update public.tenants set created_at = now();
   insert into public.tenants (name, slug, created_at)
   values ('Old', '${uniqueName("test")}', now() - ${hours} * interval '1 hour')`;

/** The triggers would refuse the second row. */
const importedTwice = (time: string) =>
  `alter table public.ai_usage disable trigger user;
   alter table public.ai_usage_archive disable trigger user;
   insert into auth.users (id, email) values (gen_random_uuid(), 'twice@test.example');
   insert into public.ai_usage (user_id, operation_type, model, tokens_total, created_at)
   select id, 'chat', 'gpt-4o', 0, '${time}' from auth.users where email = 'twice@test.example';
   insert into public.ai_usage_archive
     (id, user_id, operation_type, model, tokens_prompt, tokens_completion, tokens_total, cost,
       created_at)
   select u.id, u.user_id, u.operation_type, u.model, u.tokens_prompt, u.tokens_completion,
     u.tokens_total, u.cost, u.created_at
   from public.ai_usage u join auth.users a on a.id = u.user_id
   where a.email = 'twice@test.example'`;

/** A tenant `a`, alone in the database, with one membership. */
const tenantOf = (how: "owner" | "deleted" | "user" | "inactive" | "former" | "new" | "closed") => `
  delete from public.tenants;
  insert into auth.users (id, email) values (gen_random_uuid(), 'alone@test.example');
  insert into public.tenants (name, slug, is_active, created_at)
  values ('A', 'a', ${how !== "closed"}, now() - interval '${how === "new" ? 23 : 25} hours');
  insert into public.users (tenant_id, email, role, auth_id, is_active, left_at)
  select t.id, a.email, '${how === "user" ? "user" : "owner"}',
    case when ${["owner", "user", "inactive"].includes(how)} then a.id end,
    ${how !== "inactive" && how !== "former"},
    case when ${how === "former"} then now() end
  from public.tenants t, auth.users a where a.email = 'alone@test.example'`;

const FEEDBACK = "refresh message_feedback_summary";
const USAGE = "refresh monthly_usage_summary";

describe("a flag is raised by", () => {
  const cases: [name: string, changes: string[], flags: string[]][] = [
    ["a refresh that failed", [run(FEEDBACK, 1, "no")], [`failed_refresh: ${FEEDBACK}`]],
    [
      "a refresh older than 26 hours",
      [forget(USAGE), run(USAGE, 27)],
      ["overdue_refresh: monthly_usage_summary"],
    ],
    [
      "a refresh that has failed since its last success, which is old",
      [forget(USAGE), run(USAGE, 27), run(USAGE, 3, "no")],
      [`failed_refresh: ${USAGE}`, "overdue_refresh: monthly_usage_summary"],
    ],
    [
      "a view that was never refreshed and has had data for more than 26 hours",
      [forget(FEEDBACK), oldestTenant(27)],
      ["overdue_refresh: message_feedback_summary"],
    ],
    [
      "a call that was imported again after it was archived",
      [importedTwice("2020-01-01")],
      ["repeated_calls: ai_usage"],
    ],
    ["a tenant whose owner's account was deleted", [tenantOf("deleted")], ["ownerless_tenant: a"]],
    ["a tenant with a member and no owner", [tenantOf("user")], ["ownerless_tenant: a"]],
    ["a tenant whose owner is inactive", [tenantOf("inactive")], ["ownerless_tenant: a"]],
    [
      "another task that failed",
      [run("record sizes", 1, "no")],
      ["failed_maintenance: record sizes"],
    ],
    [
      "a table that grew by more than half in a week",
      [snapshot(7, 10), snapshot(0, 15.1)],
      ["table_growth: public.messages"],
    ],
    [
      "a table that grew by more than half in less than a week",
      [snapshot(3, 10), snapshot(1, 15.1)],
      ["table_growth: public.messages"],
    ],
    [
      "a table that was empty and has become large",
      [snapshot(7, 0), snapshot(0, 2)],
      ["table_growth: public.messages"],
    ],
    [
      "a query that takes more than a second on average",
      [statements({ query: "select slow", mean: 1001 }, { query: "select fast", mean: 999 })],
      ["slow_query: select slow"],
    ],
    [
      "a slow query with a comment that looks like maintenance",
      [statements({ query: "/* a */ select 1 /* b */ /* vacuum */", mean: 1001 })],
      ["slow_query: select 1 /* b */ /* vacuum */"],
    ],
    [
      "a section that cannot be read",
      ["alter table public.feedback rename column rating to stars"],
      ["unreadable_section: feedback"],
    ],
  ];

  test.each(cases)("%s", async (_, changes, flags) => {
    expect(await flagsOf(...changes)).toEqual(flags);
  });
});

describe("no flag is raised by", () => {
  const cases: [name: string, changes: string[]][] = [
    ["a database that is maintained", []],
    ["a refresh that failed and then succeeded", [run(FEEDBACK, 2, "no"), run(FEEDBACK, 1)]],
    ["a refresh of 25 hours ago", [forget(USAGE), run(USAGE, 25)]],
    [
      "a view that was never refreshed and has had data for less than 26 hours",
      [forget(FEEDBACK), oldestTenant(25)],
    ],
    [
      "a materialized view that the maintenance does not refresh",
      [oldestTenant(27), "create materialized view public.others as select 1 as one"],
    ],
    ["a tenant with an owner", [tenantOf("owner")]],
    ["a tenant whose only member left", [tenantOf("former")]],
    ["a new tenant that waits for its owner", [tenantOf("new")]],
    ["a deactivated tenant without an owner", [tenantOf("closed")]],
    ["a call that the maintenance does not archive yet", [importedTwice("now()")]],
    ["another task that failed more than a week ago", [run("vacuum", 8 * 24, "no")]],
    ["a table that grew by half in a week", [snapshot(7, 10), snapshot(0, 15)]],
    [
      "a table that grew by more than half in more than a week",
      [snapshot(8, 10), snapshot(7, 14), snapshot(0, 16)],
    ],
    ["a table that has shrunk", [snapshot(7, 10), snapshot(0, 1)]],
    ["a table that is small", [snapshot(7, 0.1), snapshot(0, 0.9)]],
    ["a table with one snapshot", [snapshot(0, 10)]],
    ["growth that ended more than a week ago", [snapshot(15, 10), snapshot(8, 20)]],
    ["a query that takes a second on average", [statements({ query: "select 1", mean: 1000 })]],
    [
      "a slow query of the maintenance or of the report",
      [
        statements(
          { query: "REFRESH MATERIALIZED VIEW m", mean: 5000 },
          { query: "-- Why, */ and\n  /* ** when */ vacuum (analyze) t", mean: 5000 },
          { query: "select private.run_maintenance($1)", mean: 5000 },
          { query: "select /* db:report */ 1", mean: 5000 },
        ),
      ],
    ],
  ];

  test.each(cases)("%s", async (_, changes) => {
    expect(await flagsOf(...changes)).toEqual([]);
  });
});

describe("a section is reported as missing when the database has", () => {
  const cases: [what: string, change: string, missing: (keyof Report["sections"])[]][] = [
    ["no pg_stat_statements", "drop extension if exists pg_stat_statements", ["slow_queries"]],
    [
      "pg_stat_statements that was not loaded with Postgres",
      `drop extension if exists pg_stat_statements;
       create function private.unloaded() returns setof pg_stat_activity language plpgsql as
       $$ begin raise 'must be loaded' using errcode = '55000'; end $$;
       create view private.pg_stat_statements as
       select s.*, s.pid as queryid, s.usesysid as userid, s.datid as dbid, 1 as calls, 1 as rows,
         1 as mean_exec_time, 1 as max_exec_time, 1 as total_exec_time
       from private.unloaded() s`,
      ["slow_queries"],
    ],
    [
      "no maintenance log",
      "drop table private.maintenance_runs cascade",
      ["matviews", "maintenance"],
    ],
    ["no size snapshots", "drop table private.size_snapshots cascade", ["growth", "size_history"]],
    ["no AI integration", "drop table public.ai_usage cascade", ["active_users", "repeated_calls"]],
  ];

  test.each(cases)("%s", async (_, change, names) => {
    const { sections, flags } = await reportOn(change);
    for (const name of names) expect(sections[name]).toEqual({ missing: expect.any(String) });
    const silent = names.filter((name) => name !== "slow_queries");
    expect(flags.filter(({ kind }) => kind === "unreadable_section")).toEqual(
      expect.arrayContaining(silent.map((subject) => expect.objectContaining({ subject }))),
    );
    if (silent.length === 0) expect(flags).toEqual([]);
    expect(sections.feedback).toHaveProperty("rows");
  });
});

/** Text that the tests would notice if the page did not escape it somewhere. */
const HOSTILE = `</td><script>document.title = 'owned'</script><img src=x onerror=alert(1)>&amp;"'`;

/**
 * Twelve tenants with costs of 1.00000001 to 12.00000001 this month, feedback, calls, messages,
 * past sizes, a failed refresh and slow queries.
 */
const BUSY = [
  `delete from public.usage_metrics;
   delete from public.feedback;
   delete from public.ai_usage;
   delete from public.conversation_messages`,
  `create temporary table busy on commit drop as
   select n, private.uuid_v7() as tenant_id, private.uuid_v7() as user_id,
     private.uuid_v7() as account
   from generate_series(1, 12) n`,
  `insert into public.tenants (id, name, slug)
   select tenant_id, case n when 12 then $h$${HOSTILE}$h$ else 'Customer ' || n end,
     'test-' || tenant_id
   from busy`,
  `insert into public.users (id, tenant_id, email)
   select user_id, tenant_id, user_id || '@test.example' from busy`,
  `insert into public.usage_metrics
     (tenant_id, user_id, date, prompt_tokens, completion_tokens, request_count, estimated_cost)
   select tenant_id, user_id, (now() at time zone 'utc')::date, n * 1000, n * 100, n,
     n + 0.00000001 from busy
   union all
   select tenant_id, user_id, (now() at time zone 'utc')::date - 1, 0, 0, 0, 0
   from busy where n <= 2`,
  `with conversation as (
     insert into public.conversations (tenant_id, user_id) select tenant_id, user_id from busy
     returning id, tenant_id, user_id
   ), message as (
     insert into public.messages (conversation_id, tenant_id, role, content)
     select id, tenant_id, 'assistant', 'Fixture' from conversation returning id, tenant_id
   )
   insert into public.feedback (message_id, tenant_id, user_id, rating, created_at)
   select m.id, m.tenant_id, b.user_id, case when b.n <= 9 then 1 else -1 end,
     now() - interval '1 day' * (b.n % 2)
   from message m join busy b using (tenant_id)`,
  "insert into auth.users (id, email) select account, account || '@test.example' from busy",
  `insert into public.ai_usage (user_id, operation_type, model)
   select account, 'chat', 'gpt-4o' from busy, generate_series(1, 2) where n <= 3`,
  `with brand as (
     insert into public.brands (tenant_id, name, slug) select tenant_id, 'Fixture', 'fixture'
     from busy where n = 1 returning id, tenant_id
   ), session as (
     insert into public.conversation_sessions (brand_id, tenant_id, user_id)
     select d.id, d.tenant_id, b.account from brand d join busy b using (tenant_id) returning id
   )
   insert into public.conversation_messages (session_id, role, content)
   select id, 'user', 'Fixture' from session, generate_series(1, 2)`,
  snapshot(7, 10),
  snapshot(3, 12),
  snapshot(0, 20),
  run(FEEDBACK, 1, HOSTILE.replaceAll("'", "''")),
  statements({ query: `select ${HOSTILE}`, mean: 1800 }, { query: "select 1", mean: 20 }),
];

describe("a report on a busy database", () => {
  let report: Report;

  beforeAll(async () => {
    report = await reportOn(...BUSY);
  });

  const rows = <Name extends keyof Report["sections"]>(name: Name) => {
    const section = report.sections[name];
    if (!("rows" in section)) throw new Error(`${name}: ${JSON.stringify(section)}`);
    return section.rows as Extract<Report["sections"][Name], { rows: unknown }>["rows"];
  };

  test("counts each person once per day and system, for 30 days", () => {
    expect(rows("active_users")).toHaveLength(30);
    expect(rows("active_users").slice(-3)).toMatchObject([
      { assistant: 0, director: 0, integration: 0 },
      { assistant: 2, director: 0, integration: 0 },
      { assistant: 12, director: 1, integration: 3, day: report.generated_at.slice(0, 10) },
    ]);
  });

  test("counts positive and negative feedback by day", () => {
    expect(rows("feedback")).toHaveLength(30);
    expect(rows("feedback").slice(-3)).toMatchObject([
      { positive: 0, negative: 0 },
      { positive: 5, negative: 1 },
      { positive: 4, negative: 2 },
    ]);
  });

  test("lists the ten most expensive tenants, sums up the others, and keeps all digits", () => {
    expect(rows("tenant_usage").map(({ name, cost }) => [name, cost])).toEqual([
      [HOSTILE, "12.00000001"],
      ...[11, 10, 9, 8, 7, 6, 5, 4, 3].map((n) => [`Customer ${n}`, `${n}.00000001`]),
      [null, "3.00000002"],
    ]);
    expect(rows("tenant_usage").at(-1)).toMatchObject({
      tenants: 2,
      prompt_tokens: 3000,
      completion_tokens: 300,
      request_count: 3,
    });
  });

  test("has the size of each table and of its indexes", async () => {
    const messages = rows("sizes").find(({ relation }) => relation === "public.messages");
    const { table_bytes, index_bytes, total_bytes } = messages ?? {};
    expect(table_bytes).toBeGreaterThan(0);
    expect(index_bytes).toBeGreaterThan(0);
    expect(total_bytes).toBe(Number(table_bytes) + Number(index_bytes));
  });

  test("lists unused indexes, except those that enforce a constraint", async () => {
    const { sections } = await reportOn(
      `create table public.idle (id int primary key, a int unique, b int, c int4range,
         exclude using gist (c with &&))`,
      "create index idx_idle_b on public.idle (b)",
    );
    const { rows } = sections.unused_indexes as Extract<
      Report["sections"]["unused_indexes"],
      { rows: unknown }
    >;
    const idle = rows.filter(({ relation }) => relation === "public.idle");
    expect(idle).toEqual([
      { index: "public.idx_idle_b", relation: "public.idle", bytes: expect.any(Number) },
    ]);
  });

  test("has the queries with the highest mean time first", () => {
    expect(rows("slow_queries").map(({ mean_ms, calls }) => [mean_ms, calls])).toEqual([
      [1800, 7],
      [20, 7],
    ]);
  });

  test("has the last refresh of each view, and the last run of each task", () => {
    const hoursSince = (time: string | null) =>
      Math.round((Date.parse(report.generated_at) - Date.parse(time ?? "")) / 3_600_000);
    const views = rows("matviews").filter((view) => view.is_maintained);
    expect(views.map(({ view, refreshed_at }) => [view, hoursSince(refreshed_at)])).toEqual([
      ["message_feedback_summary", 3],
      ["monthly_usage_summary", 3],
    ]);
    expect(rows("maintenance")).toHaveLength(3);
    expect(rows("maintenance")[0]).toMatchObject({ task: FEEDBACK, error: HOSTILE });
  });
});

describe.runIf(BROWSER)("the page of a busy database, in a browser", () => {
  let folder: string;
  let browser: Browser;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "report-"));
    await writeFile(join(folder, "page.html"), await renderPage(await reportOn(...BUSY)));
    browser = await launchBrowser(BROWSER ?? expect.fail());
  });

  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const address = () => pathToFileURL(join(folder, "page.html")).href;

  async function open(options: { colorScheme?: "light" | "dark"; width?: number } = {}) {
    const { colorScheme = "light", width = 1280 } = options;
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
    const heard: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => heard.push(message.text()));
    page.on("pageerror", (error) => heard.push(error.message));
    page.on("dialog", (dialog) => heard.push(dialog.message()));
    page.on("request", (request) => requests.push(request.url()));
    await page.goto(address());
    return { page, heard, requests };
  }

  test("logs nothing, and makes no request to the network", async () => {
    const { heard, requests } = await open();
    expect(heard).toEqual([]);
    expect(requests).toEqual([address()]);
  });

  test("draws every chart, with a mark for every number except 0", async () => {
    const { page } = await open();
    expect(await marksOf(page)).toEqual({
      "Lines: active users by day and system": 3,
      "Columns: positive feedback upwards and negative downwards, by day": 4,
      "Bars: tokens by tenant, of prompts and of completions": 22,
      "Bars: cost by tenant": 11,
      "Bars: size of the largest tables, rows and indexes": 24,
      "Lines: size of all tables and of all indexes by day": 2,
      "Bars: mean time of the slowest queries, numbered as in the table": 2,
      "Bars: size of the largest unused indexes": 12,
      "Bars: hours since the last refresh of each materialized view": 2,
    });
  });

  test("has a table with a caption and headings beside every chart", async () => {
    const { page } = await open();
    const cards = await page.locator(".card").evaluateAll((elements) =>
      elements.map((element) => ({
        title: element.querySelector("h2")?.textContent,
        captions: Array.from(element.querySelectorAll("caption")).filter(
          ({ textContent }) => textContent,
        ).length,
        tables: element.querySelectorAll("table").length,
        rows: element.querySelectorAll("tbody tr > th[scope=row]").length,
        headless: element.querySelectorAll("table:not(:has(th[scope=col]))").length,
      })),
    );
    expect(cards.map(({ title }) => title)).toEqual([
      "Daily active users",
      "Feedback",
      "Tokens and cost by tenant",
      "Table and index sizes",
      "Growth",
      "Slow queries",
      "Unused indexes",
      "Freshness of materialized views",
      "Maintenance",
    ]);
    for (const { title, captions, tables, rows, headless } of cards) {
      expect(tables, `${title}`).toBeGreaterThan(0);
      expect([captions, headless], `${title}`).toEqual([tables, 0]);
      expect(rows, `${title}`).toBeGreaterThan(0);
    }
  });

  test("escapes text from the database in tables, charts and flags", async () => {
    const { page } = await open();
    expect(await page.title()).toMatch(/^Database report/);
    expect(await page.locator("script, img").count()).toBe(0);
    const usage = page.locator("table", { hasText: "Usage of the month" });
    expect(await usage.locator("tbody th").first().textContent()).toBe(HOSTILE);
    const label = page.locator("figure[aria-label='Bars: cost by tenant'] text");
    expect(await label.allTextContents()).toContain(`${HOSTILE.slice(0, 35)}…`);
    expect(await page.locator(".flags").textContent()).toContain(HOSTILE);
    expect(await page.locator("code").first().textContent()).toContain(HOSTILE);
  });

  test.each(["light", "dark"] as const)("is readable in %s mode", async (colorScheme) => {
    const { page } = await open({ colorScheme });
    const colors = await colorsOf(page);
    const paper = luminance(colors.paper);
    expect(colorScheme === "dark" ? paper < 0.05 : paper > 0.8).toBe(true);
    expect(colors.texts.length).toBeGreaterThan(100);
    for (const { text, color, on } of colors.texts) {
      expect(contrast(color, on), `${text}: ${color} on ${on}`).toBeGreaterThanOrEqual(4.5);
    }
    expect(colors.marks.length).toBeGreaterThan(50);
    for (const { color, on } of colors.marks) {
      expect(contrast(color, on), `${color} on ${on}`).toBeGreaterThanOrEqual(3);
    }
  });

  test("fits the screen of a phone", async () => {
    const { page } = await open({ width: 360 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });
});

/** Selects the marks of numbers: paths in the colour of a series, outside the legend. */
const MARKS = ["blue", "green", "orange"]
  .flatMap((color) => [`[fill="var(--${color})"]`, `[stroke="var(--${color})"]`])
  .map((colored) => `path${colored}:not([ecmeta_ssr_type=legend])`)
  .join();

/** Returns how many marks of each chart have an area on the screen. */
async function marksOf(page: Page): Promise<Record<string, number>> {
  const entries = await page.locator("figure").evaluateAll(
    (figures, selector) =>
      figures.map((figure) => {
        const marks = Array.from(figure.querySelectorAll(selector)).filter((path) => {
          const { width, height } = path.getBoundingClientRect();
          return path.getAttribute("d") && width > 0 && height > 0;
        });
        return [figure.getAttribute("aria-label"), marks.length];
      }),
    MARKS,
  );
  return Object.fromEntries(entries);
}

/** Returns the colours of texts and marks, each with the colour of the surface below it. */
async function colorsOf(page: Page) {
  return page.evaluate((selector) => {
    const surface = (element: Element | null): string => {
      if (!element) return "rgb(255, 255, 255)";
      const { backgroundColor } = getComputedStyle(element);
      return backgroundColor === "rgba(0, 0, 0, 0)"
        ? surface(element.parentElement)
        : backgroundColor;
    };
    for (const details of Array.from(document.querySelectorAll("details"))) details.open = true;
    const own = (element: Element) =>
      Array.from(element.childNodes).some(
        (node) => node.nodeType === 3 && node.textContent?.trim(),
      );
    const texts = Array.from(document.body.querySelectorAll("*:not(style)")).filter(own);
    const marks = Array.from(document.querySelectorAll(selector));
    return {
      paper: surface(document.body),
      texts: texts.map((element) => {
        const { fill, color } = getComputedStyle(element);
        const isDrawn = element instanceof SVGElement;
        return { text: element.textContent, color: isDrawn ? fill : color, on: surface(element) };
      }),
      marks: marks.map((mark) => {
        const { fill, stroke } = getComputedStyle(mark);
        return { color: fill === "none" ? stroke : fill, on: surface(mark) };
      }),
    };
  }, MARKS);
}

/** Returns the contrast ratio of WCAG, which requires 4.5 for text and 3 for graphics. */
function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return ((light as number) + 0.05) / ((dark as number) + 0.05);
}

function luminance(rgb: string): number {
  const [red = 0, green = 0, blue = 0] = (rgb.match(/[\d.]+/g) ?? []).slice(0, 3).map((text) => {
    const part = Number(text) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

describe("npm run db:report", { timeout: 90_000 }, () => {
  let project: Project;

  beforeAll(async () => {
    project = await createProject();
    const { exitCode, all } = await project.run("start", "--detach");
    if (exitCode !== 0) throw new Error(all);
  }, 90_000);

  afterAll(() => project?.remove());

  /** Runs `work` while the database has two flags, then removes them. */
  async function whileFlagged(work: () => Promise<void>) {
    const sql = postgres(project.environment().DB_URL, { max: 1, onnotice: () => {} });
    try {
      await sql.unsafe(`${run(FEEDBACK, 1, "out of\nluck")}; ${run("record sizes", 2, "no")}`);
      await work();
    } finally {
      await sql.unsafe("delete from private.maintenance_runs");
      await sql.end();
    }
  }

  test("finds nothing to act on in a new database with the test data", async () => {
    const { stdout, stderr, exitCode } = await project.run("db-report", "--json");
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(JSON.parse(stdout).flags).toEqual([]);
  });

  test("--json prints database, sections and flags, and fails with one line per flag", async () => {
    await whileFlagged(async () => {
      const { stdout, stderr, exitCode } = await project.run("db-report", "--json");
      const report = JSON.parse(stdout) as Report;
      expect(exitCode).toBe(1);
      expect(stderr.split("\n")).toEqual([
        `db:report: failed_refresh: ${FEEDBACK} failed 1 hour ago: out of luck`,
        "db:report: failed_maintenance: record sizes failed 2 hours ago: no",
      ]);
      expect(report).toEqual({
        generated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*\+00:00$/),
        database: {
          name: "postgres",
          host: `127.0.0.1:${project.dbPort}`,
          version: expect.stringMatching(/^17/),
          size_bytes: expect.any(Number),
          statistics_since: null,
        },
        flags: ["failed_refresh", "failed_maintenance"].map((kind) => ({
          kind,
          subject: expect.any(String),
          message: expect.any(String),
          remedy: expect.stringContaining("npm run db:maintain"),
        })),
        sections: Object.fromEntries(
          Object.keys(sectionSources).map((name) => [
            name,
            name === "slow_queries" ? { missing: expect.any(String) } : { rows: expect.any(Array) },
          ]),
        ),
      });
      const { password } = new URL(project.environment().DB_URL);
      expect(JSON.stringify(report)).not.toContain(`:${password}@`);
    });
  });

  test("--out writes the page, and fails when it has flags", async () => {
    const file = join(project.dir, "page.html");
    const calm = await project.run("db-report", "--out", file);
    expect([calm.exitCode, calm.all]).toEqual([0, `Wrote ${file}.`]);
    expect(await readFile(file, "utf8")).toContain("<h2>No problems found</h2>");
    await whileFlagged(async () => {
      expect((await project.run("db-report", "--out", file)).exitCode).toBe(1);
      expect(await readFile(file, "utf8")).toContain("<h2>Problems: 2</h2>");
    });
  });

  test("writes report.html by default, about the database of --db-url", async () => {
    const script = join(packageRoot, "scripts/db-report.ts");
    const { exitCode } = await execa("tsx", [script, "--db-url", project.environment().DB_URL], {
      cwd: project.dir,
      preferLocal: true,
      localDir: packageRoot,
      reject: false,
    });
    expect(exitCode).toBe(0);
    const page = await readFile(join(project.dir, "report.html"), "utf8");
    expect(page).toContain(`127.0.0.1:${project.dbPort}`);
  });

  const misuses: [args: string[], message: string][] = [
    [["--nonsense"], "--nonsense"],
    [["file.html"], "file.html"],
    [["--db-url", "mysql://localhost"], "not a postgresql:// URL"],
    [["--json", "--out", "x.html"], "--json prints"],
    [["--out", ""], "--out needs"],
  ];
  test.each(misuses)("rejects the arguments %j", async (args, message) => {
    const { exitCode, stderr } = await project.run("db-report", ...args);
    expect(stderr).toContain(message);
    expect(exitCode).toBe(2);
  });

  test("prints in one line why it cannot write or connect", async () => {
    const write = await project.run("db-report", "--out", join(project.dir, "no/such/folder.html"));
    expect([write.exitCode, write.all]).toEqual([
      1,
      expect.stringMatching(/^db:report: the report cannot be written: .*$/),
    ]);
    const nobody = "postgresql://postgres@127.0.0.1:1/postgres";
    const connect = await project.run("db-report", "--db-url", nobody);
    expect([connect.exitCode, connect.all]).toEqual([
      1,
      expect.stringMatching(/^db:report: the database does not answer.*$/),
    ]);
  });
});
