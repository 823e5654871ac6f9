import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { styleText } from "node:util";
import { execa } from "execa";
import { startApi } from "./lib/api.ts";
import { CommandError, runCommand, UsageError } from "./lib/command.ts";
import { connectTo } from "./lib/database-url.ts";
import { createHostedDatabase, type HostedDatabase } from "./lib/hosted-database.ts";
import { listMutants, type Mutant } from "./lib/mutants.ts";
import { nativeServer } from "./lib/native-postgres.ts";
import { packageRoot, readSettings } from "./lib/settings.ts";
import { pushMigrations } from "./lib/supabase-cli.ts";

/** Where each kind is most likely noticed; what these miss, the whole of the schema's tests get. */
const FIRST: Record<string, string[]> = {
  "policy dropped": ["test/access"],
  "policy weakened": ["test/access"],
  "row level security off": ["test/access"],
  "view with its owner's rights": ["test/access"],
  "grant revoked": ["test/access/catalog"],
  "grant added": ["test/access/catalog", "test/catalog"],
  "column revoked": ["protected-columns"],
  "column granted": ["protected-columns"],
  "execute revoked": ["test/access/catalog", "test/catalog"],
  "execute granted": ["test/access/catalog", "test/catalog"],
  "schema opened": ["test/catalog"],
  "check without effect": ["constraints"],
  "constraint dropped": ["constraints"],
  "trigger dropped": ["timestamps", "session-defaults", "account-linking", "sessions", "chats"],
  "trigger disabled": ["timestamps", "session-defaults", "account-linking", "sessions", "chats"],
  "function weakened": ["test/access", "deactivation", "account-linking", "summaries"],
};

/** What nothing may notice: a test that fails by itself would take every mutant for noticed. */
const CONTROL: Mutant = { kind: "control", name: "nothing weakened", statement: "select" };

/** Tests that make stacks of their own, in which the mutant is not. */
const ELSEWHERE = ["**/recall.test.ts"];

interface Verdict {
  mutant: Mutant;
  /** The test that noticed it. */
  noticedBy: string | undefined;
}

await runCommand({
  name: "test:mutations",
  summary: `Drop or weaken each policy, grant, check and trigger, one at a time: a test must notice.

On native Postgres, as npm run test:native. All of them take about an hour.`,
  options: {
    only: { type: "string", value: "TEXT", description: "mutants with this in their kind or name" },
    "one-of-each-kind": { type: "boolean", description: "a quick look: the first of each kind" },
    jobs: { type: "string", value: "N", description: "how many at a time (default 2)" },
    list: { type: "boolean", description: "name them, and do nothing" },
  },
  async run(values) {
    const jobs = Number(values.jobs ?? 2);
    if (!Number.isInteger(jobs) || jobs < 1) throw new UsageError("--jobs takes a number");
    const serverUrl = await nativeServer(console.log);
    const original = await createHostedDatabase(serverUrl);
    try {
      await pushMigrations({ databaseUrl: original.owner });
      const mutants = (await mutantsOf(original)).filter(
        ({ kind, name }, i, all) =>
          `${kind}: ${name}`.includes(values.only ?? "") &&
          (!values["one-of-each-kind"] || all.findIndex((other) => other.kind === kind) === i),
      );
      if (values.list) return mutants.forEach(print);
      const noticed = await tryOut(CONTROL, original);
      if (noticed) throw new CommandError(`the suite fails by itself: ${noticed}`);
      const verdicts = await tryAll(mutants, original, jobs);
      summarize(verdicts);
    } finally {
      await original.drop();
    }
  },
});

async function mutantsOf({ owner }: HostedDatabase): Promise<Mutant[]> {
  const sql = connectTo(owner);
  try {
    return await listMutants(sql);
  } finally {
    await sql.end();
  }
}

function print({ kind, name }: Mutant) {
  console.log(`${kind}: ${name}`);
}

async function tryAll(mutants: Mutant[], original: HostedDatabase, jobs: number) {
  const waiting = [...mutants];
  const verdicts: Verdict[] = [];
  const worker = async () => {
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const noticedBy = await tryOut(mutant, original);
      verdicts.push({ mutant, noticedBy });
      const sign = noticedBy ? styleText("green", "noticed ") : styleText("red", "SURVIVED");
      console.log(`${verdicts.length}/${mutants.length} ${sign} ${mutant.kind}: ${mutant.name}`);
      if (noticedBy) console.log(`    ${noticedBy}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return verdicts;
}

/** Makes a database with the mutant, and tells which test notices it. */
async function tryOut(mutant: Mutant, original: HostedDatabase): Promise<string | undefined> {
  const database = await original.copy();
  const settings = { ...readSettings(), apiPort: 0 };
  const api = await startApi(settings);
  try {
    const superuser = connectTo(database.superuser);
    try {
      await superuser.unsafe(mutant.statement).simple();
    } finally {
      await superuser.end();
    }
    api.connect({ rest: database.rest, auth: database.auth, catalog: database.owner });
    const stack = {
      SUPABASE_URL: api.url,
      SUPABASE_DB_URL: database.owner,
      SUPABASE_PUBLISHABLE_KEY: settings.publishableKey,
      SUPABASE_SECRET_KEY: settings.secretKey,
    };
    const first = FIRST[mutant.kind];
    return (first && (await failingTest(first, stack))) ?? (await failingTest([], stack));
  } finally {
    await api.close();
    await database.drop();
  }
}

async function failingTest(
  files: string[],
  stack: Record<string, string>,
): Promise<string | undefined> {
  const folder = await mkdtemp(join(tmpdir(), "mutant-"));
  const report = join(folder, "report.json");
  const exclude = ELSEWHERE.map((pattern) => `--exclude=${pattern}`);
  const reporter = ["--reporter=json", `--outputFile=${report}`];
  try {
    const { exitCode, all } = await execa(
      "vitest",
      ["run", ...files, "--project=schema", "--bail=1", ...exclude, ...reporter],
      {
        preferLocal: true,
        localDir: packageRoot,
        cwd: packageRoot,
        env: { ...stack, NATIVE_POSTGRES_URL: undefined },
        reject: false,
        all: true,
      },
    );
    if (exitCode === 0) return undefined;
    return firstFailure(await readFile(report, "utf8").catch(() => "")) ?? unexpected(all);
  } finally {
    await rm(folder, { recursive: true });
  }
}

interface Report {
  testResults: {
    name: string;
    message: string;
    assertionResults: { status: string; fullName: string }[];
  }[];
}

function firstFailure(text: string): string | undefined {
  if (!text) return undefined;
  const { testResults } = JSON.parse(text) as Report;
  for (const { name, message, assertionResults } of testResults) {
    const failed = assertionResults.find(({ status }) => status === "failed");
    const file = relative(packageRoot, name);
    if (failed) return `${file}: ${failed.fullName}`;
    if (message) return `${file}: ${message.split("\n")[0]}`;
  }
  return undefined;
}

function unexpected(output: string): never {
  throw new CommandError(`vitest failed without a failing test:\n${output.slice(-2000)}`);
}

function summarize(verdicts: Verdict[]) {
  const kinds = [...new Set(verdicts.map(({ mutant }) => mutant.kind))].sort();
  console.log();
  for (const kind of kinds) {
    const ofKind = verdicts.filter(({ mutant }) => mutant.kind === kind);
    const noticed = ofKind.filter(({ noticedBy }) => noticedBy).length;
    console.log(`${kind}: ${noticed} of ${ofKind.length} noticed`);
  }
  const survivors = verdicts.filter(({ noticedBy }) => !noticedBy);
  if (survivors.length === 0) return console.log(`All ${verdicts.length} were noticed.`);
  const names = survivors.map(({ mutant }) => `  ${mutant.kind}: ${mutant.name}`);
  throw new CommandError(
    [`${survivors.length} of ${verdicts.length} survived:`, ...names].join("\n"),
  );
}
