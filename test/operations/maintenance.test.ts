import { randomUUID } from "node:crypto";
import { execa } from "execa";
import postgres from "postgres";
import { beforeAll, describe, expect, inject, test } from "vitest";
import { packageRoot } from "../../scripts/project/settings.ts";
import type { Tables } from "../../src/index.ts";
import { createMember, createTenant, type Member } from "../support/actors.ts";
import { anonClient, asOwner, serviceClient } from "../support/clients.ts";
import { createRow, must } from "../support/rows.ts";

import { whatIf, whatIfSignedIn } from "../support/what-if.ts";

interface Run {
  id: string | null;
  task: string | null;
  rows_affected: string | null;
  error: string | null;
}

const DAILY = ["refresh message_feedback_summary", "refresh monthly_usage_summary", "record sizes"];
const MONTHLY = [
  "archive idle conversations",
  "delete finished sessions",
  "move old ai_usage",
  "delete tenants",
];

let ada: Member;
let ben: Member;

beforeAll(async () => {
  [ada, ben] = await Promise.all([
    createMember(await createTenant(), { role: "owner" }),
    createMember(await createTenant(), { role: "owner" }),
  ]);
});

/** Returns the database's current time minus the intervals. */
async function ago(interval: string, more = "0"): Promise<string> {
  const [row] = await asOwner()`
    select (now() - ${interval}::text::interval - ${more}::text::interval)::text as time`;
  return row?.time;
}

async function runTask(task: string, limit?: number): Promise<Run> {
  const [run] = await asOwner()<[Run]>`
    select id, task, rows_affected, error
    from private.run_maintenance_task(${task}, ${limit ?? null})`;
  return run;
}

/** Runs all batches of a task. */
async function runWhole(task: string): Promise<void> {
  for (let rows: string | null = null; rows !== "0"; ) {
    const run = await runTask(task);
    expect(run).toMatchObject({ task, error: null });
    rows = run.rows_affected;
  }
}

async function lastRunId(): Promise<string> {
  const [row] = await asOwner()`select coalesce(max(id), 0) as id from private.maintenance_runs`;
  return row?.id;
}

async function runsSince(id: string) {
  return asOwner()<(Run & { duration_ms: string })[]>`
    select id, task, rows_affected, error, duration_ms from private.maintenance_runs
    where id > ${id} order by id`;
}

describe("archiving", () => {
  const conversation = async ({ id }: { id: string }) =>
    must(await serviceClient().from("conversations").select().eq("id", id).single());

  test("archives conversations idle for 6 months, and changes only is_archived", async () => {
    const idle = await createRow("conversations", ada, {
      updated_at: await ago("6 months", "1 minute"),
    });
    const awake = await createRow("conversations", ada, {
      updated_at: await ago("6 months", "-1 hour"),
    });
    const archived = await createRow("conversations", ada, {
      updated_at: await ago("2 years"),
      is_archived: true,
    });
    await runWhole("archive idle conversations");
    await runWhole("archive idle conversations");
    expect(await conversation(idle)).toEqual({ ...idle, is_archived: true });
    expect(await conversation(awake)).toEqual(awake);
    expect(await conversation(archived)).toEqual(archived);
  });

  test("by the conversation's owner keeps updated_at, unless another column changes", async () => {
    const old = await createRow("conversations", ada, { updated_at: await ago("1 month") });
    const change = async (values: Partial<Tables<"conversations">>) =>
      must(
        await ada.client.from("conversations").update(values).eq("id", old.id).select().single(),
      );
    expect(await change({ is_archived: true })).toEqual({ ...old, is_archived: true });
    expect(await change({ is_archived: true })).toEqual({ ...old, is_archived: true });
    const renamed = await change({ is_archived: true, title: "Renamed" });
    expect(Date.parse(renamed.updated_at)).toBeGreaterThan(Date.parse(old.updated_at));
  });

  test("is not repeated after the owner undoes it: the conversation is active again", async () => {
    const updated_at = await ago("1 year");
    const { id } = await createRow("conversations", ada, { updated_at, is_archived: true });
    must(
      await ada.client.from("conversations").update({ is_archived: false }).eq("id", id).select(),
    );
    await runWhole("archive idle conversations");
    expect(await conversation({ id })).toMatchObject({ is_archived: false });
  });

  test("lets a new message set updated_at of an archived conversation", async () => {
    const updated_at = await ago("1 year");
    const archived = await createRow("conversations", ada, { updated_at, is_archived: true });
    const message = await createRow("messages", ada, { conversation_id: archived.id });
    expect(await conversation(archived)).toEqual({ ...archived, updated_at: message.created_at });
  });
});

describe("the deletion of sessions", () => {
  test("deletes only those that ended more than 90 days ago, with their messages", async () => {
    const finished = async (state: string, time: string) => {
      const session = await createRow("conversation_sessions", ada);
      await createRow("conversation_messages", ada, { session_id: session.id });
      // The trigger would set the end of a session to the current time.
      await asOwner().begin(async (sql) => {
        const table = "public.conversation_sessions";
        const trigger = "trigger_conversation_sessions_activity";
        await sql.unsafe(`alter table ${table} disable trigger ${trigger}`);
        await sql`
          update conversation_sessions
          set state = ${state}, completed_at = ${time}::text::timestamptz
          where id = ${session.id}`;
        await sql.unsafe(`alter table ${table} enable trigger ${trigger}`);
      });
      return session.id;
    };
    const long = await ago("90 days", "1 minute");
    const [delivered, cancelled] = [
      await finished("delivered", long),
      await finished("cancelled", long),
    ];
    const recent = await finished("delivered", await ago("90 days", "-1 hour"));
    const open = await createRow("conversation_sessions", ada, {
      last_activity_at: await ago("1 year"),
    });
    await createRow("conversation_messages", ada, { session_id: open.id });
    const kept = [recent, open.id].sort();

    await runWhole("delete finished sessions");
    await runWhole("delete finished sessions");
    const ids = [delivered, cancelled, ...kept];
    const service = serviceClient();
    const sessions = must(await service.from("conversation_sessions").select("id").in("id", ids));
    expect(sessions.map(({ id }) => id).sort()).toEqual(kept);
    const messages = must(
      await service.from("conversation_messages").select("session_id").in("session_id", ids),
    );
    expect(messages.map(({ session_id }) => session_id).sort()).toEqual(kept);
  });
});

describe("the archive of ai_usage", () => {
  const old = async (owner: Member, values: object = {}) =>
    createRow("ai_usage", owner, { created_at: await ago("90 days", "1 minute"), ...values });

  const stored = async (table: "ai_usage" | "ai_usage_archive", { id }: { id: string }) =>
    must(await serviceClient().from(table).select().eq("id", id));

  test("receives calls older than 90 days with all their columns, and no others", async () => {
    const moving = await old(ada, {
      operation_type: "image",
      tokens_prompt: 3,
      tokens_completion: 4,
      cost: 0.000000123,
      latency_ms: 5,
    });
    const staying = await createRow("ai_usage", ada, {
      created_at: await ago("90 days", "-1 hour"),
    });
    await runWhole("move old ai_usage");
    await runWhole("move old ai_usage");
    const archived_at = expect.any(String);
    expect(await stored("ai_usage_archive", moving)).toEqual([{ ...moving, archived_at }]);
    expect(await stored("ai_usage", moving)).toEqual([]);
    expect(await stored("ai_usage", staying)).toEqual([staying]);
    expect(await stored("ai_usage_archive", staying)).toEqual([]);
  });

  test("has every column of ai_usage, with the same type", async () => {
    const columns = (table: string) => asOwner()`
      select attname, format_type(atttypid, atttypmod) as type, attnotnull, attgenerated
      from pg_attribute
      where attrelid = ${`public.${table}`}::regclass and attnum > 0 and not attisdropped
        and attname <> 'archived_at'
      order by attname`;
    expect([...(await columns("ai_usage_archive"))]).toEqual([...(await columns("ai_usage"))]);
  });

  test("is included in get_usage_stats", async () => {
    for (const latency_ms of [100, 200]) await old(ben, { latency_ms, cost: 0.1, model: "old" });
    await createRow("ai_usage", ben, { latency_ms: 900, model: "old" });
    await createRow("ai_usage", ben, { model: "new" });
    const stats = async () =>
      must(await ben.client.rpc("get_usage_stats", { p_start: await ago("1 year") }));
    const before = await stats();
    expect(before).toHaveLength(2);
    await runWhole("move old ai_usage");
    expect(await stats()).toEqual(before);
    const recent = await ben.client.rpc("get_usage_stats", { p_start: await ago("1 day") });
    expect(recent.data?.map(({ request_count }) => request_count)).toEqual([1, 1]);
  });

  test("can be read by the account that made the call, and by no other account", async () => {
    const { id } = await old(ada);
    await runWhole("move old ai_usage");
    const read = (client: Member["client"]) =>
      client.from("ai_usage_archive").select("id").eq("id", id);
    expect((await read(ada.client)).data).toEqual([{ id }]);
    expect((await read(serviceClient())).data).toEqual([{ id }]);
    expect(await read(ben.client)).toMatchObject({ data: [], error: null });
    expect((await read(anonClient())).error?.code).toBe("42501");
  });

  test("can be written by the service role, but not by a user", async () => {
    const row = await old(ada);
    await runWhole("move old ai_usage");
    const [archived] = await stored("ai_usage_archive", row);
    const { id: _, tokens_total: __, ...values } = archived as Tables<"ai_usage_archive">;
    const attempts = async ({ client }: Pick<Member, "client">) => {
      const table = () => client.from("ai_usage_archive");
      const inserted = await table().insert({ ...values, id: randomUUID() });
      const updated = await table().update({ cost: 1 }).eq("id", row.id);
      const deleted = await table().delete().eq("id", row.id);
      return [inserted, updated, deleted].map(({ error }) => error?.code);
    };
    expect(await attempts(ada)).toEqual(["42501", "42501", "42501"]);
    expect(await stored("ai_usage_archive", row)).toEqual([archived]);
    expect(await attempts({ client: serviceClient() })).toEqual([undefined, undefined, undefined]);
    expect(await stored("ai_usage_archive", row)).toEqual([]);
  });

  test("receives at most one batch at a time, the oldest calls first", async () => {
    await runWhole("move old ai_usage");
    const oldest = await old(ada, { created_at: await ago("200 days") });
    const older = await old(ada, { created_at: await ago("100 days") });
    expect(await runTask("move old ai_usage", 1)).toMatchObject({ rows_affected: "1" });
    expect(await stored("ai_usage_archive", oldest)).toHaveLength(1);
    expect(await stored("ai_usage", older)).toHaveLength(1);
  });

  test("does not change when the connection ends in the middle of a transaction", async () => {
    const row = await old(ada);
    const sql = postgres(inject("stack").DB_URL, { max: 1, onnotice: () => {} });
    let moved: string | undefined;
    const transaction = sql.begin(async (inside) => {
      const [run] = await inside`select private.move_old_ai_usage() as rows`;
      moved = run?.rows;
      await sql.end({ timeout: 0 });
    });
    await expect(transaction).rejects.toThrow();
    expect(Number(moved)).toBeGreaterThan(0);
    await expect.poll(() => stored("ai_usage", row)).toHaveLength(1);
    expect(await stored("ai_usage_archive", row)).toEqual([]);
  });
});

describe("the daily run", () => {
  test("brings both summaries up to date", async () => {
    const message = await createRow("messages", ada);
    const { tenant_id } = ada;
    const feedback = { message_id: message.id, tenant_id, user_id: ada.id, rating: 1 as const };
    must(await serviceClient().from("feedback").insert(feedback).select());
    must(
      await serviceClient().rpc("increment_usage_metrics", {
        p_tenant_id: tenant_id,
        p_user_id: ada.id,
        p_date: "2020-02-02",
        p_prompt_tokens: 1,
        p_completion_tokens: 1,
        p_cost: 1,
      }),
    );
    const summaries = () => asOwner()`
      select
        (select count(*)::int from message_feedback_summary where message_id = ${message.id})
          as feedback,
        (select count(*)::int from monthly_usage_summary where tenant_id = ${tenant_id}) as usage`;
    expect(await summaries()).toMatchObject([{ feedback: 0, usage: 0 }]);
    for (const task of DAILY.slice(0, 2)) await runTask(task);
    expect(await summaries()).toMatchObject([{ feedback: 1, usage: 1 }]);
  });

  test("refreshes concurrently, so that unchanged rows are not written again", async () => {
    await runTask("refresh message_feedback_summary");
    const file = () => asOwner()`
      select pg_relation_filenode('message_feedback_summary') as node`;
    const [before] = await file();
    await runTask("refresh message_feedback_summary");
    expect(await file()).toMatchObject([{ node: before?.node }]);
  });

  test("populates summaries that were restored without data; until then usage is live", async () => {
    await createRow("usage_metrics", ada, { date: "2019-03-03", request_count: 5 });
    await runTask("refresh monthly_usage_summary");
    const march = { p_from: "2019-03-01", p_to: "2019-03-31" };
    const before = must(await ada.client.rpc("get_monthly_usage_summary", march));
    expect(before).toMatchObject([{ month: "2019-03-01", request_count: 5 }]);
    const [live, runs] = await whatIfSignedIn(ada, async (sql) => {
      await sql`refresh materialized view public.message_feedback_summary with no data`;
      await sql`refresh materialized view public.monthly_usage_summary with no data`;
      return [
        await sql`select to_jsonb(s) as row
          from public.get_monthly_usage_summary(${march.p_from}, ${march.p_to}) s`,
        await sql<Run[]>`select * from private.run_maintenance('daily')`,
      ] as const;
    });
    expect(live.map(({ row }) => row)).toEqual(before);
    for (const run of runs) expect(run).toMatchObject({ error: null });
  });

  test("moves the other calls when one is in the archive already", async () => {
    const created_at = await ago("90 days", "1 minute");
    const [twice, once] = [
      await createRow("ai_usage", ada, { created_at }),
      await createRow("ai_usage", ada, { created_at }),
    ];
    await whatIf(async (sql) => {
      await sql`alter table public.ai_usage_archive disable trigger user`;
      await sql`insert into public.ai_usage_archive select u.*, now() from public.ai_usage u
        where u.id = ${twice.id}`;
      await sql`alter table public.ai_usage_archive enable trigger user`;
      const [run] = await sql<
        [Run]
      >`select * from private.run_maintenance_task('move old ai_usage')`;
      expect(run.error).toBeNull();
      const left = await sql`select id from public.ai_usage where id in (${twice.id}, ${once.id})`;
      expect(left).toEqual([{ id: twice.id }]);
    });
  });

  test("logs a run even if the clock is set back during it", async () => {
    await whatIf(async (sql) => {
      const [run] = await sql`
        select * from private.log_maintenance_run(
          'record sizes', clock_timestamp() + interval '1 hour', 1, null)`;
      expect(run).toMatchObject({ duration_ms: "0", error: null });
    });
  });

  test("records one size per table or summary and day, the last one", async () => {
    await runTask("record sizes");
    await asOwner()`update private.size_snapshots set table_bytes = 0`;
    const { rows_affected } = await runTask("record sizes");
    const snapshots = await asOwner()`
      select relation, table_bytes::int, index_bytes::int, total_bytes::int
      from private.size_snapshots where taken_on = (now() at time zone 'utc')::date`;
    expect(snapshots).toHaveLength(Number(rows_affected));
    const relations = snapshots.map(({ relation }) => relation);
    expect(relations).toEqual([...new Set(relations)]);
    const measured = await asOwner()<{ name: string }[]>`
      select schemaname || '.' || relname as name from pg_stat_user_tables
      where schemaname in ('public', 'private')
      union
      select schemaname || '.' || matviewname from pg_matviews where schemaname = 'public'`;
    expect(relations.sort()).toEqual(measured.map(({ name }) => name).sort());
    const [planned] = await asOwner()`
      select private.count_maintenance_rows('record sizes')::int as rows`;
    expect(planned?.rows).toBe(measured.length);
    const tenants = snapshots.find(({ relation }) => relation === "public.tenants");
    expect(tenants?.table_bytes).toBeGreaterThan(0);
    expect(tenants?.index_bytes).toBeGreaterThan(0);
    expect(tenants?.total_bytes).toBe(tenants?.table_bytes + tenants?.index_bytes);
  });

  test("runs every task even if one fails, and logs the error", async () => {
    const runs = await whatIf(async (sql) => {
      await sql`drop index idx_message_feedback_summary_message`;
      return sql<Run[]>`select * from private.run_maintenance('daily')`;
    });
    expect(runs.map(({ task }) => task).slice(0, 3)).toEqual(DAILY);
    expect(runs[0]).toMatchObject({
      rows_affected: null,
      error: expect.stringMatching(/^cannot refresh materialized view .* concurrently \(55000\)$/),
    });
    for (const run of runs.slice(1)) {
      expect(run).toMatchObject({ error: null, rows_affected: expect.anything() });
    }
  });
});

describe("the log", () => {
  test("has each run with its number of rows and its duration", async () => {
    const since = await lastRunId();
    await asOwner()`select private.run_maintenance('daily')`;
    const runs = (await runsSince(since)).slice(0, 3);
    expect(runs.map(({ task }) => task)).toEqual(DAILY);
    for (const { error, rows_affected, duration_ms } of runs) {
      expect(error).toBeNull();
      expect(Number(rows_affected)).toBeGreaterThanOrEqual(0);
      expect(Number(duration_ms)).toBeGreaterThanOrEqual(0);
    }
  });

  test.each(MONTHLY)("has '%s' once a day when there is nothing to do", async (task) => {
    await runWhole(task);
    await asOwner()`delete from private.maintenance_runs where task = ${task}`;
    const since = await lastRunId();
    const [first, second] = [await runTask(task), await runTask(task)];
    expect([first, second]).toMatchObject([
      { id: expect.any(String), rows_affected: "0" },
      { id: null, rows_affected: "0" },
    ]);
    expect(await runsSince(since)).toHaveLength(1);
  });

  test.each([
    ["ended more than a day ago", "2 days", null],
    ["failed", "0", "failed (P0001)"],
  ])("has an empty run if the last one %s", async (_how, age, error) => {
    const [task = ""] = MONTHLY;
    await runWhole(task);
    await asOwner()`delete from private.maintenance_runs where task = ${task}`;
    await asOwner()`
      insert into private.maintenance_runs (task, started_at, rows_affected, error)
      values (${task}, ${await ago(age)}, ${error === null ? 0 : null}, ${error})`;
    const since = await lastRunId();
    await runTask(task);
    expect(await runsSince(since)).toMatchObject([{ task, rows_affected: "0" }]);
  });

  test("cannot be read or written by a role of the API", async () => {
    const found = await asOwner()`
      select role, c.oid::regclass::text as name
      from unnest(array['anon', 'authenticated', 'service_role']) role, pg_class c
      where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'v')
        and has_table_privilege(role, c.oid, 'select')
      union all
      select role, p.oid::regproc::text
      from unnest(array['anon', 'authenticated', 'service_role']) role, pg_proc p
      where p.pronamespace = 'private'::regnamespace
        and p.proname ~ 'maintenance|archive|finished_sessions|move_old|record_sizes|copy_cron_log'
        and has_function_privilege(role, p.oid, 'execute')`;
    expect([...found]).toEqual([]);
  });
});

describe("a task", () => {
  const cases = [
    ["of an unknown name", () => runTask("tidy up")],
    ["with an empty batch", () => runTask("move old ai_usage", 0)],
    ["of an unknown period", () => asOwner()`select private.run_maintenance('weekly')`],
  ] as const;
  test.each(cases)("%s is refused", async (_, run) => {
    await expect(run()).rejects.toMatchObject({ code: "22023" });
  });

  test("that is cancelled is logged as failed", async () => {
    const [run] = await whatIf(async (sql) => {
      await sql.unsafe(`
        create function pg_temp.cancel() returns trigger language plpgsql as
          'begin raise exception ''too long'' using errcode = ''query_canceled''; end';
        create trigger cancel before insert on private.size_snapshots
          for each row execute function pg_temp.cancel()`);
      return sql<Run[]>`select * from private.run_maintenance_task('record sizes')`;
    });
    expect(run).toMatchObject({ error: "too long (57014)", rows_affected: null });
  });
});

/** The capabilities of the database, which decide the names of the tests below. */
const [capabilities] = await asOwner()<[{ has_cron: boolean }]>`
  select exists (select from pg_extension where extname = 'pg_cron') as has_cron`;
const hasSessions = await (async () => {
  const [a, b] = [connect(), connect()];
  try {
    const pids = [];
    for (const sql of [a, b]) pids.push((await sql`select pg_backend_pid() as pid`)[0]?.pid);
    return pids[0] !== pids[1];
  } finally {
    await Promise.all([a.end(), b.end()]);
  }
})();

function connect(): postgres.Sql {
  return postgres(inject("stack").DB_URL, { max: 1, onnotice: () => {} });
}

describe("the schedule", () => {
  const names = ["maintenance-daily", "maintenance-monthly", "maintenance-weekly"];

  test(
    capabilities.has_cron
      ? "has one pg_cron job per period, even when it is created again"
      : "is not created without pg_cron, which is not an error",
    async () => {
      const [made] = await asOwner()`select private.schedule_maintenance() as jobs`;
      expect(made?.jobs).toBe(capabilities.has_cron ? 3 : 0);
      if (!capabilities.has_cron) return;
      const jobs = await asOwner()`
        select jobname, command from cron.job where jobname like 'maintenance-%' order by 1`;
      expect(jobs.map(({ jobname }) => jobname)).toEqual(names);
      expect(jobs[0]?.command).toContain("private.run_maintenance('daily')");
      expect(jobs[1]?.command).toContain("private.run_maintenance('monthly')");
      expect(jobs[2]?.command).toBe("vacuum (analyze)");
    },
  );

  test(
    capabilities.has_cron
      ? "copies vacuums and failed jobs from the log of pg_cron to the maintenance log, once"
      : "has no log to copy without pg_cron, and the daily run does not try",
    async () => {
      if (!capabilities.has_cron) {
        const tasks = await asOwner()`select task from private.run_maintenance('daily')`;
        return expect(tasks.map(({ task }) => task)).toEqual(DAILY);
      }
      const runs = await whatIf(async (sql) => {
        await sql`
          insert into cron.job_run_details (jobid, runid, status, return_message, start_time, end_time)
          select jobid, 9000000 + jobid, status, message, '2020-01-01', '2020-01-01 00:00:01'
          from cron.job join (values
            ('maintenance-weekly', 'succeeded', 'VACUUM'),
            ('maintenance-daily', 'succeeded', 'SELECT 4'),
            ('maintenance-monthly', 'failed', 'connection failed')
          ) as v (name, status, message) on name = jobname`;
        await sql`select private.copy_cron_log()`;
        await sql`select private.copy_cron_log()`;
        return sql<Run[]>`
          select task, error, duration_ms from private.maintenance_runs
          where started_at = '2020-01-01' order by task`;
      });
      expect(runs).toEqual([
        { task: "maintenance-monthly", error: "connection failed", duration_ms: "1000" },
        { task: "vacuum", error: null, duration_ms: "1000" },
      ]);
    },
  );
});

describe("npm run db:maintain", { timeout: 60_000 }, () => {
  /** Starts the process without a launcher, so that killing it leaves no child process. */
  const start = (...args: string[]) =>
    execa(process.execPath, ["--import", "tsx", "scripts/db-maintain.ts", ...args], {
      cwd: packageRoot,
      env: { NO_COLOR: "1" },
      reject: false,
      all: true,
    });
  const command = (...args: string[]) => start(...args, "--db-url", inject("stack").DB_URL);

  const fill = async (rows: number) => {
    const created_at = await ago("1 year");
    await asOwner()`
      insert into ai_usage (user_id, operation_type, model, created_at)
      select ${ada.account}, 'bulk', 'gpt-4o', ${created_at}::text::timestamptz
      from generate_series(1, ${rows}::int)`;
  };

  test("daily runs the daily tasks, and prints one line per task", async () => {
    const { stdout, exitCode } = await command("daily");
    const lines = stdout.split("\n");
    expect(lines).toHaveLength(DAILY.length);
    for (const [i, task] of DAILY.entries()) {
      expect(lines[i]).toMatch(new RegExp(`^${task} +\\d+ rows?, \\d+\\.\\d s$`));
    }
    expect(exitCode).toBe(0);
  });

  test("weekly vacuums and analyzes each table and summary, and logs each one", async () => {
    const since = await lastRunId();
    const { stdout, exitCode } = await command("weekly");
    expect(stdout).toMatch(/^vacuum public\.messages +\d+\.\d s$/m);
    expect(exitCode).toBe(0);
    const runs = await runsSince(since);
    const expected = await asOwner()`
      select format('vacuum %s.%s', relnamespace::regnamespace, relname) as task
      from pg_class
      where relnamespace in ('public'::regnamespace, 'private'::regnamespace)
        and relkind in ('r', 'm')
      order by 1`;
    expect(runs.map(({ task }) => task)).toEqual(expected.map(({ task }) => task));
    expect(runs.every(({ error }) => error === null)).toBe(true);
    const [statistics] = await asOwner()`
      select count(*)::int from pg_class
      where oid = 'public.tenants'::regclass and reltuples >= 1`;
    expect(statistics?.count).toBe(1);
  });

  test("monthly moves old ai_usage in batches until none is left", async () => {
    await runWhole("move old ai_usage");
    await fill(25);
    const since = await lastRunId();
    const { stdout, exitCode } = await command("monthly", "--batch", "10");
    expect(stdout).toMatch(/^move old ai_usage +25 rows, /m);
    expect(exitCode).toBe(0);
    const batches = (await runsSince(since)).filter(({ task }) => task === "move old ai_usage");
    expect(batches.map(({ rows_affected }) => rows_affected)).toEqual(["10", "10", "5"]);
  });

  test("--dry-run prints what there is to do, and changes nothing", async () => {
    await runWhole("move old ai_usage");
    await fill(3);
    const everything = () => asOwner()`
      select
        (select count(*) from ai_usage) as usage,
        (select count(*) from ai_usage_archive) as archive,
        (select count(*) from private.maintenance_runs) as runs,
        (select count(*) from conversations where is_archived) as archived,
        (select count(*) from conversation_sessions) as sessions`;
    const [before] = await everything();
    for (const period of ["daily", "weekly", "monthly"]) {
      const { stdout, exitCode } = await command(period, "--dry-run");
      expect(stdout).toContain("Nothing was changed");
      if (period === "monthly") expect(stdout).toMatch(/^move old ai_usage +3 rows$/m);
      expect(exitCode).toBe(0);
    }
    expect(await everything()).toEqual([before]);
    await runWhole("move old ai_usage");
  });

  test("continues after a task that fails, logs the error and exits with 1", async () => {
    const title = randomUUID();
    await createRow("conversations", ada, { title, updated_at: await ago("1 year") });
    await fill(2);
    const since = await lastRunId();
    await asOwner().unsafe(`
      alter table conversations add constraint stays_open
        check (title <> '${title}' or not is_archived) not valid`);
    try {
      const { all, exitCode } = await command("monthly");
      expect(all).toMatch(/^archive idle conversations .* failed: .*"stays_open" \(23514\)$/m);
      expect(all).toMatch(/^move old ai_usage +2 rows/m);
      expect(all).toContain(`1 of ${MONTHLY.length} tasks failed`);
      expect(exitCode).toBe(1);
    } finally {
      await asOwner()`alter table conversations drop constraint stays_open`;
    }
    const failed = (await runsSince(since)).filter(({ error }) => error !== null);
    expect(failed).toMatchObject([{ task: "archive idle conversations" }]);
    expect((await command("monthly")).exitCode).toBe(0);
  });

  test("can be killed at any time: each call is in exactly one table", async () => {
    const ROWS = 1000;
    await runWhole("move old ai_usage");
    const count = async () => {
      const [row] = await asOwner()`
        select
          (select count(*)::int from ai_usage where operation_type = 'bulk') as waiting,
          (select count(*)::int from ai_usage_archive where operation_type = 'bulk') as moved`;
      return row as { waiting: number; moved: number };
    };
    await asOwner()`delete from ai_usage_archive where operation_type = 'bulk'`;
    await fill(ROWS);
    const ids = await asOwner()`select id from ai_usage where operation_type = 'bulk' order by id`;

    let kills = 0;
    for (let round = 0; round < 5; round++) {
      const before = await count();
      const run = command("monthly", "--batch", "5");
      while (run.exitCode === null && (await count()).moved === before.moved);
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 100));
      run.kill("SIGKILL");
      const { signal } = await run;
      const { waiting, moved } = await count();
      expect(waiting + moved).toBe(ROWS);
      expect(moved % 5).toBe(0);
      if (signal === "SIGKILL" && waiting > 0) kills += 1;
    }
    expect(kills).toBeGreaterThan(0);

    expect((await command("monthly")).exitCode).toBe(0);
    expect(await count()).toEqual({ waiting: 0, moved: ROWS });
    const archived = await asOwner()`
      select id from ai_usage_archive where operation_type = 'bulk' order by id`;
    expect([...archived]).toEqual([...ids]);
  });

  test(
    hasSessions
      ? "while another session maintains the database, prints that, does nothing and exits with 0"
      : "runs in the embedded engine, where all connections share one session and its locks",
    async () => {
      const other = connect();
      try {
        await other`select pg_advisory_lock(private.maintenance_lock())`;
        const since = await lastRunId();
        const { stdout, exitCode } = await command("daily");
        expect(exitCode).toBe(0);
        const runs = (await runsSince(since)).map(({ task }) => task);
        if (hasSessions) {
          expect(stdout).toContain("Another session is already maintaining the database");
          expect(runs).toEqual([]);
          expect(await runTask("record sizes")).toMatchObject({ task: null });
          expect(await asOwner()`select * from private.run_maintenance('daily')`).toHaveLength(0);
        } else {
          expect(runs).toEqual(DAILY);
        }
        await other`select pg_advisory_unlock(private.maintenance_lock())`;
        expect((await command("daily")).stdout).toContain("record sizes");
      } finally {
        await other.end();
      }
    },
  );

  const misuses = [[], ["yearly"], ["daily", "weekly"], ["monthly", "--batch", "none"]];
  test.each(misuses.map((args) => [args.join(" ") || "nothing", args] as const))(
    "called with %s, prints how to get help and exits with 2",
    async (_, args) => {
      const { all, exitCode } = await start(...args);
      expect(all).toContain("help: npm run db:maintain -- --help");
      expect(exitCode).toBe(2);
    },
  );

  test("prints what to do when the migrations are missing", async () => {
    await asOwner()`alter function private.maintenance_lock() rename to gone`;
    try {
      const { all, exitCode } = await command("daily");
      expect(all).toMatch(/lacks the maintenance functions\n +run: npm run db:push/);
      expect(exitCode).toBe(1);
    } finally {
      await asOwner()`alter function private.gone() rename to maintenance_lock`;
    }
  });
});
