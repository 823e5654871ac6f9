import { once } from "node:events";
import { readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { execa } from "execa";
import postgres from "postgres";
import { afterAll, test as base, beforeAll, describe, expect } from "vitest";
import { demoSignIns } from "../../scripts/contract/sign-ins.ts";
import { packageRoot } from "../../scripts/project/settings.ts";
import { createStackClient } from "../support/clients.ts";
import { createProject, type Project } from "../support/project.ts";

/** A project whose stack was started and stopped once. Other projects copy its data. */
let first: Project;
let firstStart: { all: string; exitCode?: number | undefined };
/** A project with that data and a running stack, for tests that do not stop the stack. */
let running: Project;

beforeAll(async () => {
  first = await createProject();
  firstStart = await first.run("start", "--detach");
  await first.run("stop");
  running = await createProject({ data: first.data });
  const { exitCode, all } = await running.run("start", "--detach");
  if (exitCode !== 0) throw new Error(all);
});

afterAll(() => Promise.all([first.remove(), running.remove()]));

const test = base.extend<{ bare: Project; stopped: Project; started: Project }>({
  /** A project that has never been started. */
  bare: async ({ task: _ }, use) => {
    const project = await createProject();
    await use(project);
    await project.remove();
  },
  /** A project with the data of a first start and a stopped stack. */
  stopped: async ({ task: _ }, use) => {
    const project = await createProject({ data: first.data });
    await use(project);
    await project.remove();
  },
  /** The same project with a running stack. */
  started: async ({ stopped }, use) => {
    const { exitCode, all } = await stopped.run("start", "--detach");
    if (exitCode !== 0) throw new Error(all);
    await use(stopped);
  },
});

async function startAgain(project: Project) {
  const { exitCode, all } = await project.run("start", "--detach");
  expect(exitCode, all).toBe(0);
}

async function signIn(project: Project, email: string) {
  const { API_URL, PUBLISHABLE_KEY } = project.environment();
  const client = createStackClient(API_URL, PUBLISHABLE_KEY);
  const { error } = await client.auth.signInWithPassword({ email, password: demoSignIns.password });
  if (error) throw error;
  return client;
}

async function query(project: Project, sql: string) {
  const connection = postgres(project.environment().DB_URL, { max: 1, onnotice: () => {} });
  try {
    return await connection.unsafe(sql);
  } finally {
    await connection.end({ timeout: 1 });
  }
}

const countTenants = async (project: Project) =>
  Number((await query(project, "select count(*) from tenants"))[0]?.count);

const BROKEN = "create table public.half (id int);\ncreate table public.whole (id nonsense);\n";

// Each test has its own stack. The tests run concurrently, because each one mostly waits. The
// timeout is long, because concurrent tests also wait for each other.
const SLOW = { timeout: 240_000 };

describe.concurrent("npm start", SLOW, () => {
  test("starts a stack that a demo user can use, and keeps its data for the next start", async ({
    started: project,
  }) => {
    expect(firstStart.all).toContain(`http://127.0.0.1:${first.apiPort}`);
    expect(firstStart.all).toContain(demoSignIns.emails[0]);
    expect(firstStart.exitCode).toBe(0);

    const ada = await signIn(project, "ada@test-acme.example");
    const { data: conversation } = await ada
      .from("conversations")
      .insert({ title: "Kept" })
      .select()
      .single();
    const { data: message } = await ada
      .from("messages")
      .insert({ conversation_id: conversation?.id as string, role: "user", content: "Hello" })
      .select()
      .single();
    const { data: moved } = await ada
      .from("conversations")
      .select("updated_at")
      .eq("id", conversation?.id as string)
      .single();
    expect(Date.parse(moved?.updated_at as string)).toBeGreaterThan(
      Date.parse(conversation?.updated_at as string),
    );
    const rated = await ada
      .from("feedback")
      .insert({ message_id: message?.id as string, rating: 1 });
    expect(rated.error).toBeNull();
    const dora = await signIn(project, "dora@test-globex.example");
    expect((await dora.from("conversations").select().eq("title", "Kept")).data).toEqual([]);

    expect((await project.run("stop")).exitCode).toBe(0);
    project.write("migrations/29990101000000_new.sql", "create table private.new_one ();");
    await startAgain(project);
    const again = await signIn(project, "ada@test-acme.example");
    expect((await again.from("conversations").select().eq("title", "Kept")).data).toHaveLength(1);
    expect(await query(project, "select from private.new_one")).toEqual([]);
    expect(await countTenants(project)).toBe(3);
  });

  test("refuses to start a running stack, and status reports a stopped one", async ({
    stopped: project,
  }) => {
    expect((await project.run("status")).all).toMatch(/not running\n +start it: npm start/);
    await project.run("start", "--detach");
    for (const args of [[], ["--detach"]]) {
      const second = await project.run("start", ...args);
      expect(second.all).toMatch(/already running \(pid \d+\)/);
      expect(second.exitCode).toBe(1);
    }
  });

  const ports = ["apiPort", "dbPort"] as const;
  test.for(ports)(
    "names the process that uses the %s",
    async (which, { bare: project, onTestFinished }) => {
      const squatter = createServer().listen(project[which], "127.0.0.1");
      await once(squatter, "listening");
      onTestFinished(() => {
        squatter.close();
      });
      const { all, exitCode } = await project.run("start", "--detach");
      expect(all).toContain(`port ${project[which]} is taken`);
      expect(all).toMatch(/set another port in supabase\/config\.toml, \[(api|db)\]/);
      expect(exitCode).toBe(1);
    },
  );

  test("stops on Ctrl-C without losing committed data", async ({ stopped: project }) => {
    const foreground = project.run("start");
    await new Promise<void>((ready) => {
      foreground.stdout.on("data", (text) => `${text}`.includes("npm run status") && ready());
    });
    await query(project, "insert into tenants (name, slug) values ('Kept', 'test-kept')");
    process.kill(project.pid() as number, "SIGINT");
    expect((await foreground).exitCode).toBe(0);
    await startAgain(project);
    expect(await countTenants(project)).toBe(4);
  });

  test("recovers all committed data after kill -9", async ({ started: project }) => {
    await query(project, "insert into tenants (name, slug) values ('Kept', 'test-kept')");
    process.kill(project.pid() as number, "SIGKILL");
    await startAgain(project);
    expect(await countTenants(project)).toBe(4);
  });

  test("ends when a statement overflows the engine's stack, and recovers all committed data", async ({
    started: project,
    // A concurrent test needs its own, to poll.
    expect,
  }) => {
    await query(
      project,
      `insert into tenants (name, slug) values ('Kept', 'test-kept');
       create function private.again(n int) returns int language plpgsql as
         'begin return private.again(n + 1); end'`,
    );
    await expect(query(project, "select private.again(1)")).rejects.toThrow();
    await expect.poll(() => project.pid()).toBeUndefined();
    const log = readFileSync(join(project.dir, ".stack/stack.log"), "utf8");
    expect(log).toMatch(/Postgres has crashed: a statement overflowed the stack.*\n.*npm start/);
    await startAgain(project);
    expect(await countTenants(project)).toBe(4);
  });

  test("suggests db:reset for a corrupt data folder, and db:reset repairs it", async ({
    stopped: project,
  }) => {
    rmSync(join(project.dir, ".stack/data/global"), { recursive: true });
    const { all, exitCode } = await project.run("start", "--detach");
    expect(all).toContain("cannot be opened");
    expect(all).toContain("npm run db:reset");
    expect(exitCode).toBe(1);
    expect((await project.run("db-reset")).exitCode).toBe(0);
    await startAgain(project);
    expect(await countTenants(project)).toBe(3);
  });
});

describe("a running stack", SLOW, () => {
  test("prints in its status a shell command that signs in", async () => {
    const { stdout } = await running.run("status");
    const line = /curl[\s\S]*?\n\n/.exec(stdout)?.[0] ?? "";
    const { stdout: answer } = await execa("sh", ["-c", line]);
    const { access_token, user } = JSON.parse(answer);
    expect([typeof access_token, user.email]).toEqual(["string", demoSignIns.emails[0]]);
  });

  test("runs the frontend code of the README", async ({ onTestFinished }) => {
    const readme = readFileSync(join(packageRoot, "README.md"), "utf8");
    const code = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
    expect(code).toContain("createClient");
    const { API_URL } = running.environment();
    const file = join(packageRoot, "test", `readme-${process.pid}.mts`);
    onTestFinished(() => rmSync(file, { force: true }));
    writeFileSync(
      file,
      code
        .replace('"supabase-ai-schema"', '"../src/index.ts"')
        .replace("http://127.0.0.1:54321", API_URL),
    );
    // supabase-js needs a WebSocket. A browser has one, but Node 20 does not.
    const ran = await execa("tsx", ["--import", "./test/support/websocket.mjs", file], {
      cwd: packageRoot,
      preferLocal: true,
      reject: false,
    });
    expect(ran.stderr).toBe("");
    expect(ran.stdout).toMatch(/Hello/);
  });

  test("has a database for which the advisors report only unused_index", async () => {
    const { stdout } = await execa(
      "supabase",
      ["--agent=no", "db", "advisors", "--level=info", "--output-format=json"],
      { cwd: running.dir, preferLocal: true, localDir: packageRoot, stdin: "ignore" },
    );
    const names = [...stdout.matchAll(/"name":\s*"(\w+)",\s*"title"/g)].map(([, name]) => name);
    expect(new Set(names)).toEqual(new Set(["unused_index"]));
  });

  test("lets only its user read the file with its keys", () => {
    const { mode } = statSync(join(running.dir, ".stack/stack.json"));
    expect((mode & 0o777).toString(8)).toBe("600");
  });

  test("listens only on the loopback address", async () => {
    const { API_URL, DB_URL } = running.environment();
    expect([new URL(API_URL).hostname, new URL(DB_URL).hostname]).toEqual([
      "127.0.0.1",
      "127.0.0.1",
    ]);
    const { stdout } = await execa("node", [
      "-e",
      `const all = Object.values(require("os").networkInterfaces()).flat();
       const other = all.find((a) => !a.internal && a.family === "IPv4")?.address;
       if (!other) { console.log("refused"); process.exit(); }
       const socket = require("net").connect(${running.dbPort}, other);
       socket.on("connect", () => { console.log("open"); process.exit(); });
       socket.on("error", () => console.log("refused"));`,
    ]);
    expect(stdout).toBe("refused");
  });

  test("applies a broken migration once it is corrected, and serves the new table", async () => {
    const ada = await signIn(running, "ada@test-acme.example");
    running.write("migrations/29990101000000_notes.sql", BROKEN);
    const failed = await running.run("db-push");
    expect([failed.exitCode, failed.all]).toEqual([1, expect.stringContaining("nonsense")]);
    running.write(
      "migrations/29990101000000_notes.sql",
      "create table public.notes (id int); grant select on public.notes to authenticated;",
    );
    const anything = ada as unknown as { from: (table: string) => ReturnType<typeof ada.from> };
    expect((await anything.from("notes").select()).error?.code).toBe("PGRST205");
    expect((await running.run("db-push")).exitCode).toBe(0);
    expect((await anything.from("notes").select()).error).toBeNull();
  });
});

describe.concurrent("a broken migration", SLOW, () => {
  test("is rolled back and reported with file, statement and cause, and the stack starts", async ({
    stopped: project,
  }) => {
    project.write("migrations/29990101000000_broken.sql", BROKEN);
    const { all, exitCode } = await project.run("start", "--detach");
    expect(all).toContain("29990101000000_broken.sql");
    expect(all).toContain("create table public.whole (id nonsense)");
    expect(all).toContain('type "nonsense" does not exist');
    expect(exitCode).toBe(0);
    const [row] = await query(project, "select to_regclass('public.half') as half");
    expect(row?.half).toBeNull();
  });
});

describe.concurrent("a broken first start", SLOW, () => {
  test("is repaired by the command that it suggests, including the test data", async ({
    bare: project,
  }) => {
    project.write("migrations/29990101000000_broken.sql", "select broken;");
    const { all } = await project.run("start", "--detach");
    expect(all).toContain("29990101000000_broken.sql");
    expect(all).toContain("npm run db:push -- --seed");
    expect(all).not.toContain("Accounts to sign in with");
    expect((await project.run("status")).stdout).not.toContain("Accounts to sign in with");
    project.write("migrations/29990101000000_broken.sql", "select 1;");
    expect((await project.run("db-push", "--seed")).exitCode).toBe(0);
    expect((await project.run("status")).stdout).toContain("Accounts to sign in with");
    const ada = await signIn(project, "ada@test-acme.example");
    expect((await ada.from("tenants").select()).data).toHaveLength(1);
  });
});

describe.concurrent("after a crash", SLOW, () => {
  const leftovers = {
    "the pid of an unrelated process": JSON.stringify({ pid: process.pid }),
    "an incomplete file": '{ "pid": 1',
  };

  test.for(Object.entries(leftovers))(
    "%s does not prevent the stack from starting",
    async ([, content], { stopped: project }) => {
      writeFileSync(join(project.dir, ".stack/stack.json"), content);
      expect((await project.run("stop")).stdout).toContain("not running");
      await startAgain(project);
    },
  );
});

describe("npm run db:reset of a running stack", SLOW, () => {
  test("removes all other rows and tables, and restores the seed and the API", async () => {
    await query(
      running,
      `insert into tenants (name, slug) values ('Gone', 'real'); create table public.gone ();
       create schema billing; create table billing.gone ()`,
    );
    const { exitCode } = await running.run("db-reset");
    expect(exitCode).toBe(0);
    expect(await countTenants(running)).toBe(3);
    const ada = await signIn(running, "ada@test-acme.example");
    expect((await ada.from("conversations").select("id")).data).toHaveLength(4);
    const [row] = await query(
      running,
      "select to_regclass('public.gone') as gone, to_regnamespace('billing') as billing",
    );
    expect(row).toEqual({ gone: null, billing: null });
  });

  test("requires --yes before it empties the database of --db-url", async () => {
    const { DB_URL } = running.environment();
    const asked = await running.run("db-reset", "--db-url", DB_URL);
    expect([asked.exitCode, asked.all]).toEqual([1, expect.stringContaining("add: --yes")]);
    await query(running, "insert into tenants (name, slug) values ('Gone', 'test-gone')");
    expect((await running.run("db-reset", "--db-url", DB_URL, "--yes")).exitCode).toBe(0);
    expect(await countTenants(running)).toBe(3);
  });
});

describe.concurrent("npm run db:reset", SLOW, () => {
  test("works on local databases only", async ({ bare: project }) => {
    const url = "postgresql://postgres:secret@db.example.com/postgres";
    const { all, exitCode } = await project.run("db-reset", "--db-url", url);
    expect(all).toContain("only a local database can be reset");
    expect(exitCode).toBe(1);
  });
});

describe.concurrent("every command", SLOW, () => {
  test("refuses an invalid database URL", async ({ bare: project }) => {
    const { all, exitCode } = await project.run("db-push", "--db-url", "mysql://localhost");
    expect(all).toContain("not a postgresql:// URL");
    expect(exitCode).toBe(2);
  });

  test("names a variable that config.toml needs and that is not set", async ({ bare: project }) => {
    const config = readFileSync(join(project.dir, "supabase/config.toml"), "utf8");
    project.write("config.toml", config.replace("# jwt_secret", "jwt_secret"));
    const { all, exitCode } = await project.run("start");
    expect(all).toContain("LOCAL_JWT_SECRET");
    expect(exitCode).toBe(1);
  });
});
